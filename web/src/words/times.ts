/** How instants read: New York's wall clock, the zone named once by whoever shows it. */

const ZONE = 'America/New_York'
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const minute = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en-US', {
  timeZone: ZONE,
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
})
const weekday = new Intl.DateTimeFormat('en-US', { timeZone: ZONE, weekday: 'short' })
const iso = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })

/** `09:35:00` */
export function clockTime(at: number): string {
  return clock.format(at)
}

/** `09:35` */
export function minuteTime(at: number): string {
  return minute.format(at)
}

/** `Wed, Mar 28, 2018` */
export function dayText(at: number): string {
  return day.format(at)
}

/** `Wed` */
export function weekdayText(at: number): string {
  return weekday.format(at)
}

/** `2018-03-28` */
export function dateText(at: number): string {
  return iso.format(at)
}

/** `2018-03-28 09:35:00 New York`: an instant in full, for a hover. */
export function exactTime(at: number): string {
  return `${dateText(at)} ${clockTime(at)} New York`
}

const HOUR_MS = 3_600_000

/** When a day of New York (`YYYY-MM-DD`) begins and ends, epoch ms: its midnight lies 4 or 5 hours after that of UTC. Undefined for what is no date. */
export function dayBounds(date: string): { readonly from: number; readonly until: number } | undefined {
  const utc = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(utc)) return undefined
  return { from: midnightAfter(utc), until: midnightAfter(utc + 24 * HOUR_MS) }
}

function midnightAfter(utc: number): number {
  return minuteTime(utc + 4 * HOUR_MS) === '00:00' ? utc + 4 * HOUR_MS : utc + 5 * HOUR_MS
}

/** The day before or after a day by so many days, `YYYY-MM-DD`. */
export function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 24 * HOUR_MS).toISOString().slice(0, 10)
}
