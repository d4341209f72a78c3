import { type Outcome, ok, refuse } from './outcome.ts'
import type { Measured } from './units.ts'

/** What New York's clocks show, `HH:MM` from 00:00 to 23:59. */
export type WallTime = Measured<'new-york-time', string>

/** When something happens by itself, in the exchange's own terms. `occurrencesBetween` says at which instants. */
export type Schedule =
  | { readonly kind: 'trading-days'; readonly time: WallTime }
  | { readonly kind: 'daily'; readonly time: WallTime }
  /** Minutes after the session's edge, at most 12 hours away from it; negative before it. */
  | { readonly kind: 'session-edge'; readonly edge: 'open' | 'close'; readonly offsetMinutes: number }
  /** Every so many minutes after the open, up to and including the close. */
  | { readonly kind: 'in-session'; readonly everyMinutes: number }
  /** At `from` and each full hour after it, up to and including `through`. */
  | { readonly kind: 'hourly'; readonly from: WallTime; readonly through: WallTime }

/** Why a phrase names no schedule: `sentence` says what is nearest to it and may be written. */
export type NotASchedule = { readonly kind: 'not-a-schedule'; readonly sentence: string }

const MOST_OFFSET_MINUTES = 720
/** A session's minutes. */
const MOST_EVERY_MINUTES = 390

type Form = { readonly form: string; readonly example: string; readonly read: (phrase: string) => Schedule | undefined }

const TIME = '((?:[01]\\d|2[0-3]):[0-5]\\d)'
const AT = new RegExp(`^${TIME} (on trading days|daily)$`)
const EDGE = /^at each (open|close)$/
const FROM_EDGE = /^(\d{1,3}) minutes? (before|after) each (open|close)$/
const EVERY = /^every (\d{1,3}) minutes? in session$/
const HOURLY = new RegExp(`^hourly from ${TIME} through ${TIME} on trading days$`)

/** Every form that a phrase can have. */
const FORMS: readonly Form[] = [
  { form: 'HH:MM on trading days', example: '06:00 on trading days', read: atTime },
  { form: 'HH:MM daily', example: '20:00 daily', read: atTime },
  { form: 'at each open', example: 'at each open', read: atEdge },
  { form: 'at each close', example: 'at each close', read: atEdge },
  { form: 'N minutes before each close', example: '10 minutes before each close', read: fromEdge },
  { form: 'N minutes after each close', example: '15 minutes after each close', read: fromEdge },
  { form: 'N minutes before each open', example: '5 minutes before each open', read: fromEdge },
  { form: 'N minutes after each open', example: '5 minutes after each open', read: fromEdge },
  { form: 'every N minutes in session', example: 'every 5 minutes in session', read: everyMinutes },
  {
    form: 'hourly from HH:MM through HH:MM on trading days',
    example: 'hourly from 09:00 through 15:00 on trading days',
    read: hourly,
  },
]

/** The forms in one sentence's part, for those who say what is allowed. */
export const SCHEDULE_FORMS = FORMS.map(({ form }) => `"${form}"`).join(', ')

/**
 * The schedule that `phrase` names, such as `every 5 minutes in session`; capitals and further spaces do not matter. Refuses
 * what has none of the forms, a time that clocks do not show, more than 720 minutes from an edge, a step above 390 minutes or
 * of none, and hours that end before they begin.
 */
export function scheduleFrom(phrase: string): Outcome<Schedule, NotASchedule> {
  const plain = phrase.trim().toLowerCase().replace(/\s+/g, ' ')
  for (const { read } of FORMS) {
    const schedule = read(plain)
    if (schedule) return ok(schedule)
  }
  return refuse({ kind: 'not-a-schedule', sentence: expected(plain) })
}

/** The phrase that names `schedule`: `scheduleFrom` undoes it. */
export function phraseOf(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'trading-days':
      return `${schedule.time} on trading days`
    case 'daily':
      return `${schedule.time} daily`
    case 'session-edge':
      return phraseOfEdge(schedule)
    case 'in-session':
      return `every ${minutes(schedule.everyMinutes)} in session`
    case 'hourly':
      return `hourly from ${schedule.from} through ${schedule.through} on trading days`
    default:
      return schedule satisfies never
  }
}

function phraseOfEdge({ edge, offsetMinutes }: Extract<Schedule, { kind: 'session-edge' }>): string {
  if (offsetMinutes === 0) return `at each ${edge}`
  return `${minutes(Math.abs(offsetMinutes))} ${offsetMinutes < 0 ? 'before' : 'after'} each ${edge}`
}

function minutes(count: number): string {
  return count === 1 ? '1 minute' : `${count} minutes`
}

function atTime(phrase: string): Schedule | undefined {
  const [, time, days] = AT.exec(phrase) ?? []
  if (time === undefined) return undefined
  return { kind: days === 'daily' ? 'daily' : 'trading-days', time: time as WallTime }
}

function atEdge(phrase: string): Schedule | undefined {
  const [, edge] = EDGE.exec(phrase) ?? []
  return edge === undefined ? undefined : { kind: 'session-edge', edge: edgeNamed(edge), offsetMinutes: 0 }
}

function fromEdge(phrase: string): Schedule | undefined {
  const [, count, side, edge] = FROM_EDGE.exec(phrase) ?? []
  if (edge === undefined || !isWithin(Number(count), MOST_OFFSET_MINUTES)) return undefined
  return { kind: 'session-edge', edge: edgeNamed(edge), offsetMinutes: side === 'before' ? -Number(count) : Number(count) }
}

function edgeNamed(name: string): 'open' | 'close' {
  return name === 'open' ? 'open' : 'close'
}

function everyMinutes(phrase: string): Schedule | undefined {
  const [, count] = EVERY.exec(phrase) ?? []
  return isWithin(Number(count), MOST_EVERY_MINUTES) ? { kind: 'in-session', everyMinutes: Number(count) } : undefined
}

function hourly(phrase: string): Schedule | undefined {
  const [, from = '', through = ''] = HOURLY.exec(phrase) ?? []
  return from === '' || from > through ? undefined : { kind: 'hourly', from: from as WallTime, through: through as WallTime }
}

function isWithin(count: number, most: number): boolean {
  return count >= 1 && count <= most
}

/** Names the form that shares most words with the phrase; of several the first. */
function expected(phrase: string): string {
  const words = new Set(phrase.split(' '))
  const shared = FORMS.map(({ example }) => new Set(example.split(' ')).intersection(words).size)
  const { form, example } = FORMS[shared.indexOf(Math.max(...shared))] ?? { form: '', example: '' }
  const limits = `N is a whole number from 1 to ${form.startsWith('every') ? MOST_EVERY_MINUTES : MOST_OFFSET_MINUTES}`
  const terms = form.includes('N ') ? ` (${limits})` : form.includes('HH:MM') ? ' (HH:MM from 00:00 to 23:59)' : ''
  return `"${phrase}" is no schedule; the nearest is "${form}"${terms}, such as "${example}".`
}
