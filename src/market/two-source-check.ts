import type { Feed } from '#domain/bars.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type DailyCloses, type OneBasis, onOneBasis } from './daily-closes.ts'
import {
  agreedLevel,
  disagreements,
  distances,
  feedAtFault,
  type LogPair,
  levelVerdict,
  type Run,
  staleFeed,
} from './disagreement.ts'
import { shiftedDays } from './shifted-days.ts'

/** Beyond this factor in one session nobody is believed alone. Crashes of this size happen to a symbol once in decades. */
export const ALONE_FACTOR = 1.4
/** A jump that is taken back within so many sessions was a spike; one that is not stays in doubt until it is confirmed. */
const SPIKE_OVER_WITHIN = 5
/** Sessions shown on either side of those that are held back. */
const NEIGHBOURS = 3

/** What was found: see docs/data-quality.md, which says why each rule and its figures. */
export const QUARANTINE_RULES = [
  'half-applied-split',
  'invented-split',
  'spike',
  'levels-differ',
  'stale-day',
  'shifted-days',
  'empty-day',
  'unconfirmed-jump',
  'minute-jump',
  'minute-spike',
] as const
export type QuarantineRule = (typeof QUARANTINE_RULES)[number]

/** One session as evidence: what the feed that is held back says and what the other says, USD per share; null without a close. */
export type EvidenceDay = {
  readonly date: SessionDate
  readonly own: number | null
  readonly other: number | null
  readonly isHeld: boolean
}

/** Sessions of one feed that cannot be believed, and why. */
export type Finding = {
  readonly rule: QuarantineRule
  readonly feed: Feed
  readonly otherFeed: Feed
  readonly from: SessionDate
  readonly through: SessionDate
  /** Sessions held back. */
  readonly sessions: number
  /** Own close over what it should be by the other, on one basis; null where that is no question. */
  readonly factor: number | null
  /** New shares for an old one, when the factor is that of a split. */
  readonly newPerOld: number | null
  /** The first and last sessions held back and three neighbours on either side. */
  readonly days: readonly EvidenceDay[]
}

type Held = Omit<Finding, 'feed' | 'otherFeed' | 'from' | 'through' | 'days'> & {
  readonly first: number
  readonly last: number
  readonly feed: 0 | 1
}

/**
 * Sessions of which two feeds do not tell the same daily close, each with the rule that says so; none when they agree. Where
 * it cannot be told which of the two is wrong, both have a finding. Moves that both feeds show are never found, whatever
 * their size. Sessions of one feed alone are found only where it moves by more than a factor of 1.4.
 */
export function twoSourceCheck(closes: DailyCloses): Finding[] {
  const basis = onOneBasis(closes)
  const distance = distances(basis.logs)
  const level = agreedLevel(distance)
  const shifts = shiftedDays(basis.logs, level)
  const shifted = new Set(shifts.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)))
  const runs = disagreements(distance, level, shifted)
  const held: Held[] = [
    ...shifts.map(({ first, last, late }) => ({ ...span(first, last), rule: 'shifted-days' as const, feed: late })),
    ...runs.flatMap((run) => heldByRun(run, basis, distance)),
    ...heldAsEmpty(basis.logs),
    ...heldAlone(basis.logs),
  ]
  return held.map((one) => findingOf(one, closes)).sort((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)))
}

function span(first: number, last: number) {
  return { first, last, sessions: last - first + 1, factor: null, newPerOld: null }
}

function heldByRun(run: Run, basis: OneBasis, distance: Float64Array): Held[] {
  const { first, last, sessions } = run
  const sessionsAfter = distance.subarray(last + 1).filter((value) => !Number.isNaN(value)).length
  const as = (rule: QuarantineRule, feed: 0 | 1, newPerOld: number | null = null): Held => {
    return { rule, feed, first, last, sessions, factor: Math.exp(feed === 0 ? run.distance : -run.distance), newPerOld }
  }
  const stale = staleFeed(basis.logs, run)
  // At the end of the series the next session will tell whether the one stood still or the other went and will come back.
  if (stale !== undefined && sessionsAfter === 0) return [as('stale-day', stale), as('spike', stale === 0 ? 1 : 0)]
  if (stale !== undefined) return [as('stale-day', stale)]
  const { rule, newPerOld = null } = levelVerdict(run, { ...basis, sessionsAfter })
  const atFault = feedAtFault(basis.logs, run)
  const feeds = atFault === undefined ? ([0, 1] as const) : [atFault]
  return feeds.map((feed) => as(rule, feed, newPerOld))
}

/** Sessions that one feed lacks after its first. One that is its last so far may yet come. */
function heldAsEmpty(logs: LogPair): Held[] {
  return ([0, 1] as const).flatMap((feed) => {
    const [own, other] = [logs[feed], logs[feed === 0 ? 1 : 0]]
    const held: Held[] = []
    const begin = own.findIndex((value) => !Number.isNaN(value))
    for (let t = begin + 1; begin >= 0 && t < own.length; t++) {
      const first = t
      while (t < own.length && Number.isNaN(own[t]) && !Number.isNaN(other[t])) t++
      const isOnItsWay = t === own.length && t - first === 1
      if (t > first && !isOnItsWay) held.push({ ...span(first, t - 1), rule: 'empty-day', feed })
    }
    return held
  })
}

/** Jumps of one feed on sessions that the other lacks, up to where they are taken back or the other is there again. */
function heldAlone(logs: LogPair): Held[] {
  return ([0, 1] as const).flatMap((feed) => {
    const [own, other] = [logs[feed], logs[feed === 0 ? 1 : 0]]
    const known = Array.from(own.keys()).filter((t) => !Number.isNaN(own[t]))
    const held: Held[] = []
    for (let i = 1; i < known.length; i++) {
      const [before, first] = [known[i - 1], known[i]]
      const jump = own[first] - own[before]
      if (!Number.isNaN(other[first]) || Math.abs(jump) <= Math.log(ALONE_FACTOR)) continue
      const rest = known.slice(i)
      const back = rest.slice(0, SPIKE_OVER_WITHIN + 1).find((t) => Math.abs(own[t] - own[before]) <= Math.log(ALONE_FACTOR))
      const end = rest.find((t) => t === back || !Number.isNaN(other[t]))
      const through = rest.filter((t) => end === undefined || t < end)
      const last = through[through.length - 1]
      held.push({ ...span(first, last), sessions: through.length, factor: Math.exp(jump), rule: 'unconfirmed-jump', feed })
      i += through.length
    }
    return held
  })
}

function findingOf({ first, last, feed, ...held }: Held, { dates, feeds }: DailyCloses): Finding {
  const [own, other] = [feeds[feed], feeds[feed === 0 ? 1 : 0]]
  const isShown = (t: number) =>
    (t < first + NEIGHBOURS || t > last - NEIGHBOURS) && t >= first - NEIGHBOURS && t <= last + NEIGHBOURS
  return {
    ...held,
    feed: own.feed,
    otherFeed: other.feed,
    from: dates[first],
    through: dates[last],
    days: dates.flatMap((date, t) =>
      isShown(t) ? [{ date, own: known(own.close[t]), other: known(other.close[t]), isHeld: first <= t && t <= last }] : [],
    ),
  }
}

function known(price: number): number | null {
  return Number.isNaN(price) ? null : price
}
