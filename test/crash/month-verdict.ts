import type { Pool } from 'pg'
import { MISSED } from '#alerts/missed-run.ts'
import { dateInNewYork, lastSessionClosedBy, sessionOn } from '#domain/calendar.ts'
import { occurrencesBetween } from '#domain/occurrences.ts'
import { scheduleFrom } from '#domain/schedule.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { CATALOG } from '#flows/catalog.ts'
import type { FlowName } from '#flows/flow-names.ts'
import type { Interval } from './month-settings.ts'
import { type MonthTime, wallAt } from './month-time.ts'

export type MonthSpan = {
  readonly time: MonthTime
  readonly until: EpochMs
  readonly graceMs: number
  readonly schedules: ReadonlyMap<FlowName, string>
  /** When something was down. */
  readonly disturbed: readonly Interval[]
}

/** What became of the occurrences. `wrong` are sentences, and there must be none. */
export type OccurrencesVerdict = {
  readonly wrong: readonly string[]
  readonly occurrences: number
  readonly begun: number
  readonly missed: number
  /** How long after its instant each was begun, milliseconds of the machine's time, ascending; only while nothing was down. */
  readonly lagsMs: readonly number[]
}

type Begun = { readonly run: string; readonly at: number; readonly lagMs: number }

type Alerted = { readonly key: string; readonly times: number }

/** Holds what was begun, and what was told as missed, against what the schedules name. */
export async function judgeOccurrences(sql: Pool, span: MonthSpan): Promise<OccurrencesVerdict> {
  const { rows: alerts } = await sql.query<Alerted>(
    `select key, sum(times)::int as times from spreadworks.alerts where starts_with(key, $1) group by key`,
    [MISSED],
  )
  const told = new Map(alerts.map(({ key, times }) => [key, times]))
  const each = await Promise.all([...span.schedules].map(([flow, phrase]) => judgeFlow(sql, span, { flow, phrase, told })))
  const sum = (of: (one: OccurrencesVerdict) => number) => each.reduce((total, one) => total + of(one), 0)
  return {
    wrong: each.flatMap(({ wrong }) => wrong),
    occurrences: sum(({ occurrences }) => occurrences),
    begun: sum(({ begun }) => begun),
    missed: sum(({ missed }) => missed),
    lagsMs: each.flatMap(({ lagsMs }) => lagsMs).toSorted((a, b) => a - b),
  }
}

type Scheduled = { readonly flow: FlowName; readonly phrase: string; readonly told: ReadonlyMap<string, number> }

async function judgeFlow(sql: Pool, span: MonthSpan, { flow, phrase, told }: Scheduled): Promise<OccurrencesVerdict> {
  const schedule = scheduleFrom(phrase)
  if (!schedule.ok) throw new RangeError(`${phrase} is no schedule`)
  const { time, until } = span
  const named = occurrencesBetween(schedule.value, time.marketStart, until)
  const { rows } = await sql.query<{ run: string; scheduled_for: number; at: Date }>(
    `select run, scheduled_for, at from public.month_begun where flow = $1 and cause = 'schedule' and scheduled_for <= $2`,
    [flow, until],
  )
  const begun = new Map<EpochMs, Begun[]>()
  for (const { run, scheduled_for, at } of rows) {
    const occurrence = epochMs(scheduled_for)
    const lagMs = at.getTime() - wallAt(time, occurrence)
    begun.set(occurrence, [...(begun.get(occurrence) ?? []), { run, at: at.getTime(), lagMs }])
  }
  const runs = new Set(rows.map(({ run }) => run))
  // The check of a session that has been checked is the same run, and is not begun again.
  const isDone = (at: EpochMs) => flow === 'recycler-check' && runs.has(`recycler-check-${lastSessionClosedBy(at).date}`)
  const attached = named.filter((at) => !begun.has(at) && isDone(at))
  const open = named.filter((at) => !begun.has(at) && !isDone(at))
  return {
    wrong: [
      ...[...begun].filter(([, all]) => all.length > 1).map(([at]) => `${flow} of ${isoFrom(at)} was begun twice`),
      ...[...begun.keys()]
        .filter((at) => !named.includes(at))
        .map((at) => `${flow} of ${isoFrom(at)} was begun and is not named`),
      ...wronglyTold(flow, { open, attached, named, begun, told, graceWallMs: span.graceMs / time.speed }),
    ],
    ...{ occurrences: named.length, begun: begun.size, missed: open.length },
    lagsMs: [...begun].flatMap(([at, [first]]) => (first === undefined || isDisturbed(span, at, first) ? [] : [first.lagMs])),
  }
}

type Fate = {
  /** Occurrences that nobody began. */
  readonly open: readonly EpochMs[]
  /** Occurrences whose run another one had begun; nobody sees when they were handled, so they may count as late. */
  readonly attached: readonly EpochMs[]
  readonly named: readonly EpochMs[]
  readonly begun: ReadonlyMap<EpochMs, readonly Begun[]>
  readonly told: ReadonlyMap<string, number>
  readonly graceWallMs: number
}

/** Occurrences without run and without alert, and alerts of days on which nothing was late. */
function wronglyTold(flow: FlowName, { open, attached, named, begun, told, graceWallMs }: Fate): string[] {
  const policy = CATALOG[flow].missed
  const days = [...new Set(named.map(dateInNewYork))]
  return days.flatMap((day) => {
    const isOfDay = (at: EpochMs) => dateInNewYork(at) === day
    const [missing, times] = [open.filter(isOfDay).length, told.get(`${MISSED}${flow}:${day}`) ?? 0]
    const begunLate = [...begun].filter(([at, [first]]) => isOfDay(at) && first !== undefined && first.lagMs > graceWallMs)
    const late = begunLate.length + attached.filter(isOfDay).length
    const said = `${flow} on ${day}: ${missing} not begun, ${late} begun late, told as missed ${times} times`
    if (policy === 'all' && missing > 0) return [said]
    // A late run may have begun without having been told of: it was in time when it was looked at.
    if (times < missing || times > missing + late) return [said]
    return []
  })
}

function isDisturbed({ time, disturbed }: MonthSpan, at: EpochMs, { at: begunAt }: Begun): boolean {
  const from = wallAt(time, at)
  return disturbed.some((one) => from <= one.until && begunAt >= one.from)
}

/** Decisions and collections of a day that began before its start of day had ended, and runs of closed days: there must be none. */
export async function brokenDependencies(sql: Pool): Promise<string[]> {
  const { rows } = await sql.query<{ run: string; why: string }>(
    `with start as (select b.day, max(e.at) as ended, bool_or(e.at is null) as is_open
                    from public.month_begun as b left join public.month_ended as e using (run)
                    where b.flow = 'start-of-day' and b.cause = 'schedule' group by b.day)
     select distinct b.run, 'before the start of its day had ended' as why
     from public.month_begun as b join start using (day) join public.probe_attempts as a on a.run = b.run
     where b.flow in ('signals', 'market-stream') and (start.is_open or a.at < start.ended)
     limit 20`,
  )
  const { rows: days } = await sql.query<{ run: string; day: string }>(
    `select run, day from public.month_begun where flow in ('start-of-day', 'signals', 'market-stream', 'hourly', 'end-of-day')
     and cause = 'schedule'`,
  )
  const closed = days.filter(({ day }) => sessionOn(dayOf(day)) === undefined)
  return [...rows.map(({ run, why }) => `${run} ${why}`), ...closed.map(({ run }) => `${run} on a closed day`)]
}

/** A fact's text was written by a plan. */
function dayOf(text: string) {
  return text as Parameters<typeof sessionOn>[0]
}
