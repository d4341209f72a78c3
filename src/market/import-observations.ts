import type { Timeframe } from '#domain/bars.ts'
import { dateInNewYork, sessionOn, sessionsBetween } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { DayTally, SymbolTally, Tally } from '#sources/files/tally.ts'
import { expectedBars } from './coverage.ts'

/** Something true of the rows that were taken which a person should know: how often, and a few cases in words. */
export type Observation = {
  readonly kind:
    | 'zero-volume'
    | 'zero-volume-moved'
    | 'price-jump'
    | 'outside-hours'
    | 'missing-sessions'
    | 'thin-sessions'
    | 'missing-days'
    | 'short-history'
  readonly meaning: string
  readonly count: number
  readonly examples: readonly string[]
}

/** A session is thin below this fraction of the file's median session. */
const THIN = 0.6
const MOST_EXAMPLES = 5
/** Sessions after the file's first, or before its last, from which a symbol's history counts as short. */
const SHORT_BY = 5

/** What a file's tally shows, most telling first; nothing where there is nothing to tell. */
export function observationsOf(tally: Tally, timeframe: Timeframe): Observation[] {
  if (tally.rows === 0) return []
  const sessions = sessionsOf(tally)
  const dates = new Set([...tally.days.values()].map(dateOf))
  const held = sessions.filter(({ date }) => dates.has(date))
  const all = [
    missingSessions(sessions, held),
    thinSessions(tally, timeframe),
    timeframe === '1d' ? missingDays(tally, held) : undefined,
    shortHistories(tally, sessions),
    {
      kind: 'price-jump' as const,
      meaning: 'one bar to the next the close moved by a factor of 1.4 or more: a split, a spin-off, a bad print or news',
      ...tally.jumps,
    },
    {
      kind: 'zero-volume-moved' as const,
      meaning: 'volume is 0 although the price moved within the bar',
      ...tally.zeroVolumeMoved,
    },
    { kind: 'zero-volume' as const, meaning: 'volume is 0', ...tally.zeroVolume },
    {
      kind: 'outside-hours' as const,
      meaning: 'bars that open outside regular trading hours, kept',
      count: tally.outsideHours,
      examples: [],
    },
  ]
  return all.filter((observation) => observation !== undefined).filter(({ count }) => count > 0)
}

function sessionsOf({ symbols }: Tally): Session[] {
  const seen = symbols.filter(({ rows }) => rows > 0)
  const first = Math.min(...seen.map(({ firstAt }) => firstAt))
  const last = Math.max(...seen.map(({ lastAt }) => lastAt))
  return sessionsBetween(dateInNewYork(epochMs(first)), dateInNewYork(epochMs(last)))
}

function missingSessions(sessions: readonly Session[], held: readonly Session[]): Observation {
  const holds = new Set(held)
  const missing = sessions.filter((session) => !holds.has(session)).map(({ date }) => date)
  const meaning = 'sessions between the first and the last row without a single bar'
  return { kind: 'missing-sessions', meaning, count: missing.length, examples: rangesOf(missing, sessions) }
}

/** Runs of neighbouring sessions in words: `2023-10-17 … 2025-02-10`. */
function rangesOf(missing: readonly SessionDate[], sessions: readonly Session[]): string[] {
  const position = new Map(sessions.map(({ date }, i) => [date, i]))
  const runs: { first: SessionDate; last: SessionDate }[] = []
  for (const date of missing) {
    const run = runs.at(-1)
    if (run && (position.get(date) ?? 0) === (position.get(run.last) ?? 0) + 1) run.last = date
    else runs.push({ first: date, last: date })
  }
  return runs.slice(0, MOST_EXAMPLES).map(({ first, last }) => (first === last ? first : `${first} … ${last}`))
}

function thinSessions({ days }: Tally, timeframe: Timeframe): Observation {
  const shares = [...days.values()].map((day) => ({ day, share: shareOf(day, timeframe) }))
  const median = shares.map(({ share }) => share).sort((a, b) => a - b)[shares.length >> 1]
  const thin = shares.filter(({ share }) => share < THIN * median).sort((a, b) => a.day.day - b.day.day)
  const describe = ({ day, share }: (typeof thin)[number]) =>
    `${dateOf(day)}: ${Math.round(share * 100)} % of the bars of ${day.symbols} symbols (median session ${Math.round(median * 100)} %)`
  return {
    kind: 'thin-sessions',
    meaning: "sessions with less than 60 % of the file's median share of bars",
    count: thin.length,
    examples: thin.slice(0, MOST_EXAMPLES).map(describe),
  }
}

function shareOf(day: DayTally, timeframe: Timeframe): number {
  const session = sessionOn(dateOf(day))
  return session === undefined ? 0 : day.bars / (day.symbols * expectedBars(session, timeframe))
}

function missingDays({ symbols }: Tally, held: readonly Session[]): Observation {
  const gaps = symbols
    .filter(({ rows }) => rows > 0)
    .map((of) => ({ of, expected: sessionsWithin(held, of) }))
    .filter(({ of, expected }) => of.sessions < expected)
    .sort((a, b) => b.expected - b.of.sessions - (a.expected - a.of.sessions))
  return {
    kind: 'missing-days',
    meaning: 'symbols that lack sessions, between their own first and last row, which other symbols have',
    count: gaps.length,
    examples: gaps.slice(0, MOST_EXAMPLES).map(({ of, expected }) => `${of.symbol}: ${of.sessions} of ${expected} sessions`),
  }
}

function sessionsWithin(sessions: readonly Session[], { firstAt, lastAt }: SymbolTally): number {
  return sessions.filter(({ opensAt }) => firstAt <= opensAt && opensAt <= lastAt).length
}

function shortHistories({ symbols }: Tally, sessions: readonly Session[]): Observation {
  const from = sessions.at(Math.min(SHORT_BY, sessions.length - 1))?.opensAt ?? Number.POSITIVE_INFINITY
  const until = sessions.at(-1 - Math.min(SHORT_BY, sessions.length - 1))?.closesAt ?? Number.NEGATIVE_INFINITY
  const short = symbols.filter(({ rows, firstAt, lastAt }) => rows > 0 && (firstAt >= from || lastAt < until))
  const dates = ({ firstAt, lastAt }: SymbolTally) => [firstAt, lastAt].map((at) => dateInNewYork(at as EpochMs)).join(' … ')
  return {
    kind: 'short-history',
    meaning: 'symbols whose rows begin 5 sessions or more after the first of the file, or end as early before its last',
    count: sessions.length > 2 * SHORT_BY ? short.length : 0,
    examples: short.slice(0, 2 * MOST_EXAMPLES).map((of) => `${of.symbol}: ${dates(of)}`),
  }
}

// A New York session lies within one UTC day, so the UTC day's date is the session's.
function dateOf({ day }: DayTally): SessionDate {
  return dateInNewYork(epochMs((day + 0.75) * 86_400_000))
}
