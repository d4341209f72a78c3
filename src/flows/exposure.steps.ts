import type { Pool } from 'pg'
import type { BarColumns, Feed } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import { dateInNewYork, sessionsBetween } from '#domain/calendar.ts'
import { usdFrom } from '#domain/money.ts'
import { type PairName, pairNamed } from '#domain/pair.ts'
import type { EpochMs } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { barsBetween } from '#market/bars.store.ts'
import { sessionMinutes } from '#market/session-minutes.ts'
import { type CorrelationDrift, correlationDrift } from '#pairs/correlation-drift.ts'
import { costOf, sumOf } from '#portfolio/lot.ts'
import type { Settings } from '#settings/schema.ts'
import { type HeldPair, heldPairs } from './held-pairs.store.ts'
import { shortlistingScreen } from './shortlisted.store.ts'

/** One held pair at an instant. Values in US dollars; undefined where a leg has no price. */
export type PairExposure = {
  readonly pair: PairName
  readonly grossUsd: number | undefined
  readonly netUsd: number | undefined
  /** Since the screen that shortlisted it; undefined when no stored screen did. */
  readonly drift: CorrelationDrift | undefined
  readonly hasDrifted: boolean
  readonly sentence: string
}

/** What a book has at stake. The totals leave out legs without a price. */
export type ExposureFinding = {
  readonly sentence: string
  readonly grossUsd: number
  readonly netUsd: number
  readonly pairs: readonly PairExposure[]
}

export type ExposureAsked = { readonly book: Book; readonly feed: Feed; readonly at: EpochMs }

/** Fewer returns on either side tell nothing of a correlation. */
const MINIMUM_BARS = 30
/** A correlation of returns that fell by so much is not the one that the pair was chosen for. */
const DRIFTED = -0.3

/** What the held pairs of a book have at stake at `at`, and how the correlation of their returns has moved since their screen. */
export async function exposureFinding(
  sql: Pool,
  asked: ExposureAsked,
  rules: Pick<Settings['pairs'], 'carryBars'>,
): Promise<ExposureFinding> {
  const pairs: PairExposure[] = []
  for (const held of await heldPairs(sql, asked.book)) pairs.push(await exposureOfPair(sql, held, asked, rules))
  const total = (of: 'grossUsd' | 'netUsd') => pairs.reduce((sum, pair) => sum + (pair[of] ?? 0), 0)
  const [grossUsd, netUsd] = [total('grossUsd'), total('netUsd')]
  const sentence = `${pairs.length} pairs are held: $${grossUsd.toFixed(2)} gross, $${netUsd.toFixed(2)} net`
  return { sentence, grossUsd, netUsd, pairs }
}

async function exposureOfPair(
  sql: Pool,
  { pair, yShares, xShares }: HeldPair,
  { book, feed, at }: ExposureAsked,
  rules: Pick<Settings['pairs'], 'carryBars'>,
): Promise<PairExposure> {
  const legs = pairNamed(pair)
  const screen = await shortlistingScreen(sql, { pair, day: undefined, book })
  if (legs === undefined || screen === undefined)
    return {
      pair,
      grossUsd: undefined,
      netUsd: undefined,
      drift: undefined,
      hasDrifted: false,
      sentence: `No screen is stored that chose ${pair}`,
    }
  const range = { feed, timeframe: '1m', from: screen.from, until: at } as const
  const bars = await barsBetween(sql, [legs.y, legs.x], range)
  const [y, x] = [bars.get(legs.y), bars.get(legs.x)]
  if (y === undefined || x === undefined)
    return {
      pair,
      grossUsd: undefined,
      netUsd: undefined,
      drift: undefined,
      hasDrifted: false,
      sentence: `A leg of ${pair} has no bars`,
    }
  const values = [costOf(yShares, lastClose(y)), costOf(xShares, lastClose(x))]
  const gross = values.map((value) => (value < 0n ? -value : value))
  const drift = driftOf({ y, x }, { ...screen, at }, rules)
  return {
    ...{ pair, grossUsd: usdFrom(sumOf(...gross)), netUsd: usdFrom(sumOf(...values)), drift },
    hasDrifted: drift.kind === 'measured' && drift.change <= DRIFTED,
    sentence: `${pair}: ${inWords(drift)}`,
  }
}

function driftOf(
  { y, x }: { readonly y: BarColumns; readonly x: BarColumns },
  { from, until, at }: { readonly from: EpochMs; readonly until: EpochMs; readonly at: EpochMs },
  rules: Pick<Settings['pairs'], 'carryBars'>,
): CorrelationDrift {
  const minutes = sessionMinutes(sessionsBetween(dateInNewYork(from), dateInNewYork(at)))
  const clock = minutes.openings(0, minutes.countBefore(at))
  const head = minutes.countBefore(until)
  return correlationDrift(alignOnClock(y, clock, rules), alignOnClock(x, clock, rules), { head, minimumBars: MINIMUM_BARS })
}

function inWords(drift: CorrelationDrift): string {
  switch (drift.kind) {
    case 'measured':
      return `the correlation of its returns is ${drift.now.toFixed(2)} over ${drift.bars} bars, and was ${drift.before.toFixed(2)} in its screen`
    case 'too-short':
      return 'there are too few bars since its screen to tell how its correlation moved'
    case 'constant':
      return 'a leg does not move, so its correlation cannot be told'
    default:
      return drift satisfies never
  }
}

function lastClose({ close }: BarColumns): number {
  return close.at(-1) ?? Number.NaN
}
