import { createHash } from 'node:crypto'
import { randomStream } from '#domain/random.ts'
import type { Alert, ChannelName, Severity } from './alert.ts'
import type { QuietHours } from './quiet-hours.ts'

/** Who is told what, when, and how often it is tried. */
export type Routes = {
  /** The least severity that each channel is told. */
  readonly least: Readonly<Record<ChannelName, Severity>>
  /** Only critical alerts are told in them; the others go afterwards, together. */
  readonly quietHours: QuietHours | undefined
  /** An alert that goes on and that nobody has acknowledged is told again after so long, milliseconds. */
  readonly repeatAfterMs: number
  /** Messages on one channel in a minute; more alerts than that become one. */
  readonly mostAMinute: number
  /** Tries of one message until it counts as failed. */
  readonly attempts: number
  /** Before the second try, milliseconds. */
  readonly retryMs: number
}

/** What a channel is to be told of one alert. */
export type Delivery = {
  readonly id: string
  readonly what: 'raised' | 'resolved'
  readonly alert: Alert
  /** The message that it belongs to since its first try. */
  readonly message: string | undefined
  /** Whether it waited for the end of quiet hours. */
  readonly isHeld: boolean
  readonly attempts: number
}

/** How many messages a channel was sent within the last minute, and whether one of them was a digest. */
export type Recently = { readonly messages: number; readonly hadDigest: boolean }

/** Deliveries that go out as one; `id` is the idempotency key of every try. */
export type Parcel = { readonly id: string; readonly deliveries: readonly Delivery[] }

/** With this the ids of digests begin. */
export const DIGEST = 'digest-'
const LONGEST_WAIT_MS = 3_600_000
/** A digest holds no more: some channels refuse a long message. */
const MOST_IN_A_DIGEST = 200

/**
 * What goes out next of what waits on one channel, in the order in which it fell due; undefined when nothing waits or it has to
 * wait for the minute to pass. Something tried before goes first and as it was. What quiet hours held back goes as one
 * digest, and so does everything when it is more than the channel is sent in a minute.
 */
export function nextParcel(waiting: readonly Delivery[], recently: Recently, mostAMinute: number): Parcel | undefined {
  const [first] = waiting
  if (first === undefined) return undefined
  const tried = waiting.find(({ message }) => message !== undefined)?.message
  if (tried !== undefined) return { id: tried, deliveries: waiting.filter(({ message }) => message === tried) }
  const held = waiting.filter(({ isHeld }) => isHeld)
  if (held.length > 1) return digestOf(held)
  if (waiting.length + recently.messages <= mostAMinute) return { id: first.id, deliveries: [first] }
  return recently.hadDigest ? undefined : digestOf(waiting)
}

function digestOf(waiting: readonly Delivery[]): Parcel {
  const deliveries = waiting.slice(0, MOST_IN_A_DIGEST)
  const ids = deliveries.map(({ id }) => id).sort()
  return { id: `${DIGEST}${createHash('sha256').update(ids.join('\n')).digest('hex')}`, deliveries }
}

/**
 * Milliseconds until try `attempts` + 1 of a message: `retryMs` after the first, twice as long after each, at most an hour; and
 * up to half of that is taken off by chance. The chance follows from the message and the try, so that messages spread and a
 * test agrees with itself. A longer wait that the receiver has asked for is kept.
 */
export function waitAfter(
  { id, attempts }: { readonly id: string; readonly attempts: number },
  { retryMs, askedMs }: { readonly retryMs: number; readonly askedMs: number },
): number {
  const whole = Math.min(LONGEST_WAIT_MS, retryMs * 2 ** (attempts - 1))
  const spread = whole * (1 - randomStream(attempts, id).uniform() / 2)
  return Math.round(Math.max(spread, Math.min(askedMs, LONGEST_WAIT_MS)))
}
