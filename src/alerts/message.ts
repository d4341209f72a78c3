import type { EpochMs } from '#domain/units.ts'
import { gravest, type Severity } from './alert.ts'
import type { Delivery, Parcel } from './delivery.ts'

/** What goes over a channel: several alerts when it is a digest. */
export type Message = {
  /** The same at every try, so that a receiver may know it again. */
  readonly id: string
  readonly kind: 'raised' | 'resolved' | 'digest' | 'test'
  readonly severity: Severity
  readonly title: string
  readonly text: string
  readonly deliveries: readonly Pick<Delivery, 'what' | 'alert'>[]
}

/** So many alerts of a digest are told with their text; of all of them the title. */
const TOLD_IN_FULL = 20

/** A parcel as it is told. */
export function messageOf({ id, deliveries }: Parcel): Message {
  const severity = gravest(deliveries.map(({ alert }) => alert.severity))
  const [first] = deliveries
  if (first !== undefined && deliveries.length === 1) {
    return { id, kind: first.what, severity, title: titleOf(first), text: textOf(first), deliveries }
  }
  const counted = (['critical', 'warning', 'info'] as const).flatMap((one) => {
    const count = deliveries.filter(({ alert }) => alert.severity === one).length
    return count === 0 ? [] : [`${count} ${one}`]
  })
  const text = deliveries.map((delivery, place) => {
    const title = `[${delivery.alert.severity}] ${titleOf(delivery)}`
    return place < TOLD_IN_FULL ? `${title}\n${textOf(delivery)}` : title
  })
  const title = `${deliveries.length} alerts: ${counted.join(', ')}`
  return { id, kind: 'digest', severity, title, text: text.join('\n\n'), deliveries }
}

/** What `alerts test` sends. */
export function testMessage(id: string, at: EpochMs): Message {
  const text = `Sent at ${timeOf(at)} to see whether alerts arrive here. Nothing has happened.`
  return { id, kind: 'test', severity: 'info', title: 'A test of alerts', text, deliveries: [] }
}

function titleOf({ what, alert }: Pick<Delivery, 'what' | 'alert'>): string {
  return what === 'resolved' ? `Over: ${alert.title}` : alert.title
}

function textOf({ alert }: Pick<Delivery, 'alert'>): string {
  const about = [alert.book, alert.flow, alert.runId].filter((part) => part !== undefined).join(' · ')
  const since = `Since ${timeOf(alert.at)}`
  const times = alert.times === 1 ? '' : `, ${alert.times} times, last ${timeOf(alert.lastAt)}`
  const over = alert.resolvedAt === undefined ? '' : `, over ${timeOf(alert.resolvedAt)}`
  return [alert.body, `${since}${times}${over}${about === '' ? '' : ` (${about})`}`].join('\n')
}

/** In New York, to the second. */
function timeOf(at: EpochMs): string {
  const { year, month, day, hour, minute, second } =
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('America/New_York')
  const two = (part: number) => String(part).padStart(2, '0')
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)} New York`
}
