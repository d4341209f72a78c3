import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sessionsBetween } from '#domain/calendar.ts'
import { nextOccurrence, occurrencesBetween } from '#domain/occurrences.ts'
import { type Schedule, scheduleFrom } from '#domain/schedule.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { DAY_MS, type EpochMs, epochMs, instantFrom, MINUTE_MS } from '#domain/units.ts'
import type { MissedRunPolicy } from './catalog.ts'
import { dueRuns, type Pause, withoutBegun } from './due-runs.ts'

const GRACE_MS = MINUTE_MS
const POLICIES = ['skip', 'last', 'all'] as const
const START = instantFrom('2018-03-05T12:00:00Z')
const PHRASES = ['every 30 minutes in session', '06:00 on trading days', '02:30 daily', '10 minutes before each close']

function named(phrase: string): Schedule {
  const read = scheduleFrom(phrase)
  if (!read.ok) throw new Error(read.why.sentence)
  return read.value
}

const daily = named('20:00 daily')

/** What is due after three days in which no process ran. */
function afterThreeDays(policy: MissedRunPolicy) {
  const [handledThrough, now] = [instantFrom('2018-03-06T01:00:00Z'), instantFrom('2018-03-09T00:30:00Z')]
  return dueRuns({ schedule: daily, policy, handledThrough, now, graceMs: GRACE_MS, pause: undefined })
}

describe('after three days down', () => {
  const missed = ['2018-03-07', '2018-03-08', '2018-03-09'].map((date) => instantFrom(`${date}T01:00:00Z`)).slice(0, 2)

  test.each<[MissedRunPolicy, EpochMs[]]>([
    ['skip', []],
    ['last', missed.slice(-1)],
    ['all', missed],
  ])('%s: each run that was missed is told, and only what the policy says still runs', (policy, start) => {
    expect(afterThreeDays(policy)).toEqual({ start, missed, handledThrough: missed.at(-1) })
  })

  test('the last is not made up for when one in time follows it', () => {
    const now = instantFrom('2018-03-09T01:00:30Z')
    const due = dueRuns({
      ...{ schedule: daily, policy: 'last', handledThrough: START, now },
      ...{ graceMs: GRACE_MS, pause: undefined },
    })
    expect(due.start).toEqual([instantFrom('2018-03-09T01:00:00Z')])
    expect(due.missed).toHaveLength(3)
  })
})

describe('the grace', () => {
  const at = instantFrom('2018-03-06T01:00:00Z')
  const look = { schedule: daily, policy: 'skip', handledThrough: START, graceMs: GRACE_MS, pause: undefined } as const

  test('begins nothing before its instant', () => {
    expect(dueRuns({ ...look, now: epochMs(at - 1) })).toEqual({ start: [], missed: [], handledThrough: START })
    expect(dueRuns({ ...look, now: at })).toEqual({ start: [at], missed: [], handledThrough: at })
  })

  test('counts what is as late as it as in time, and a moment later as missed', () => {
    expect(dueRuns({ ...look, now: epochMs(at + GRACE_MS) }).start).toEqual([at])
    expect(dueRuns({ ...look, now: epochMs(at + GRACE_MS + 1) })).toEqual({ start: [], missed: [at], handledThrough: at })
  })
})

test('a clock that was set back starts nothing twice', () => {
  const look = { schedule: daily, policy: 'all', graceMs: GRACE_MS, pause: undefined } as const
  const handledThrough = instantFrom('2018-03-09T01:00:00Z')
  expect(dueRuns({ ...look, handledThrough, now: START })).toEqual({ start: [], missed: [], handledThrough })
})

describe('a pause', () => {
  const look = { schedule: daily, policy: 'all', handledThrough: START, graceMs: GRACE_MS } as const
  const from = instantFrom('2018-03-07T12:00:00Z')

  test('passes over what lies in it, and over nothing before', () => {
    const due = dueRuns({ ...look, now: instantFrom('2018-03-09T02:00:00Z'), pause: { from, until: undefined } })
    const before = [instantFrom('2018-03-06T01:00:00Z'), instantFrom('2018-03-07T01:00:00Z')]
    expect(due).toEqual({ start: before, missed: before, handledThrough: instantFrom('2018-03-09T01:00:00Z') })
  })

  test('that has ended is not made up for', () => {
    const pause = { from, until: instantFrom('2018-03-08T12:00:00Z') }
    const due = dueRuns({ ...look, now: instantFrom('2018-03-09T01:00:00Z'), pause })
    expect(due.start).not.toContain(instantFrom('2018-03-08T01:00:00Z'))
    expect(due.start).toHaveLength(3)
  })
})

describe('around every change of the clocks and on every half day from 2007 to 2037', () => {
  const sessions = sessionsBetween('2007-01-08' as SessionDate, '2037-12-24' as SessionDate)
  const sundays = sessions.flatMap(({ opensAt }) => [2, 3].map((days) => epochMs(opensAt - days * DAY_MS)))
  const days = [
    ...sessions.filter(({ isHalfDay }) => isHalfDay).map(({ opensAt }) => opensAt),
    ...sundays.filter((at) => newYorkHour(at) !== newYorkHour(epochMs(at + DAY_MS))),
  ]

  test.each(PHRASES)('%s: whoever looks at each next occurrence begins that one, and misses none', (phrase) => {
    const schedule = named(phrase)
    expect(days.length).toBeGreaterThan(120)
    for (const day of days) {
      const [from, end] = [epochMs(day - 2 * DAY_MS), epochMs(day + 2 * DAY_MS)]
      let handledThrough = from
      const begun: EpochMs[] = []
      for (let now = nextOccurrence(schedule, from); now !== undefined && now <= end; now = nextOccurrence(schedule, now)) {
        const due = dueRuns({ schedule, policy: 'skip', handledThrough, now, graceMs: GRACE_MS, pause: undefined })
        expect(due).toEqual({ start: [now], missed: [], handledThrough: now })
        begun.push(...due.start)
        handledThrough = due.handledThrough
      }
      expect(begun).toEqual(occurrencesBetween(schedule, from, end))
    }
  })
})

/** Told by ICU, whose zone data are its own. */
function newYorkHour(at: EpochMs): string {
  return new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', hour: 'numeric' }).format(at)
}

/** Looks of processes: how long after the one before, and where each is killed: before it begins anything, before it says so, or not. */
const life = fc.array(
  fc.record({
    sleepMs: fc.oneof(fc.integer({ min: 0, max: 2 * MINUTE_MS }), fc.integer({ min: 0, max: 4 * 24 * 60 * MINUTE_MS })),
    killed: fc.constantFrom('at once', 'between', 'never', 'never', 'never'),
  }),
  { maxLength: 40 },
)
const pauses = fc.option(
  fc
    .tuple(fc.integer({ min: 0, max: 6 * 24 * 60 * MINUTE_MS }), fc.integer({ min: 0, max: 6 * 24 * 60 * MINUTE_MS }))
    .map(([from, length]): Pause => ({ from: epochMs(START + from), until: epochMs(START + from + length) })),
  { nil: undefined },
)

test('over any looks, kills and restarts each occurrence is begun once, told as missed once, or rests', () => {
  const property = fc.property(
    fc.constantFrom(...PHRASES).map(named),
    fc.constantFrom(...POLICIES),
    pauses,
    life,
    (schedule, policy, pause, looks) => {
      let [now, handledThrough] = [START, START]
      const [started, missed, madeUp]: EpochMs[][] = [[], [], []]
      const handled: EpochMs[] = []
      for (const { sleepMs, killed } of looks) {
        now = epochMs(now + sleepMs)
        if (killed === 'at once') continue
        const seen = dueRuns({ schedule, policy, handledThrough, now, graceMs: GRACE_MS, pause })
        const due = withoutBegun(seen, new Set(started))
        started.push(...due.start)
        madeUp.push(...due.start.filter((at) => at < now - GRACE_MS))
        if (killed === 'between') continue
        missed.push(...due.missed)
        handled.push(...occurrencesBetween(schedule, handledThrough, due.handledThrough))
        handledThrough = due.handledThrough
      }
      for (const each of [started, missed, handled]) expect(new Set(each).size).toBe(each.length)
      if (policy === 'skip') expect(madeUp).toEqual([])
      // Begun, and not said so before the kill: nobody has handled these yet.
      const open = started.filter((at) => at > handledThrough)
      const isResting = (at: EpochMs) => pause?.until !== undefined && pause.from < at && at <= pause.until
      const wanted = [...handled.filter((at) => !isResting(at)), ...open]
      expect([...new Set([...started, ...missed])].sort((a, b) => a - b)).toEqual(wanted)
      if (policy === 'all') expect(started).toEqual(wanted)
    },
  )
  fc.assert(property)
})
