/**
 * The published contract of a strategy: a pure function of what is known about one pair at one instant. A file under
 * `strategies/` exports one as `strategy`. Whatever it decides, the house leaves a pair by itself at its stop, at its
 * time limit and before the close; it asks a strategy about entries and about leaving earlier.
 */
import type { Pair } from '#domain/pair.ts'
import {
  type EpochMs,
  type LogSpreadColumn,
  MINUTE_MS,
  type Probability,
  type TimeColumn,
  type ZScoreColumn,
} from '#domain/units.ts'

/** `long` the spread: buy y, sell x. `short`: sell y, buy x. */
export type Direction = 'long' | 'short'

/** Why a pair is left: back at its mean, too far against us, held too long, before the close, the model turned, one leg lost. */
export type ExitCause = 'mean' | 'stop' | 'time' | 'calendar' | 'model' | 'orphan'

/** The thresholds of the settings under `signals:`, and of `risk:` the minutes before the close at which all is flat. */
export type StrategyRules = {
  readonly zscoreWindowBars: number
  readonly entryZ: number
  readonly exitZ: number
  readonly stopZ: number
  readonly minimumProbability: number
  readonly maximumHoldingHalfLives: number
  readonly flatBeforeCloseMinutes: number
}

export type PairPosition =
  | {
      readonly kind: 'flat'
      /** When it was last decided to leave this pair; undefined when it was not held before. */
      readonly since: EpochMs | undefined
    }
  | {
      readonly kind: 'open'
      readonly direction: Direction
      readonly entryZ: number | undefined
      readonly openedAt: EpochMs
      readonly barsHeld: number
    }

/** What a strategy sees: columns of equal length on one clock, the last row being the bar that closed at `at`. */
export type PairView = {
  readonly pair: Pair
  readonly at: EpochMs
  readonly minutesToClose: number
  readonly openedAt: TimeColumn
  /** [n] ln y − β ln x − α; NaN where a leg did not trade. */
  readonly spread: LogSpreadColumn
  /** [n] rolling z-score of the spread over `rules.zscoreWindowBars`; NaN in its warm-up. */
  readonly z: ZScoreColumn
  /** The last z-score; finite. */
  readonly zNow: number
  readonly hedgeRatio: number
  readonly halfLifeBars: number
  /** Forecast volatility of the spread's next change, per bar; undefined when the model has no converged GARCH fit. */
  readonly volatility: number | undefined
  /** The model's probability that the spread moves towards its mean at the next bar; undefined when it cannot tell. */
  readonly reversion: Probability | undefined
  readonly position: PairPosition
  readonly rules: StrategyRules
}

/** What a strategy wants. `reasons` are sentences for a trader; `confidence` scales the size of an entry. */
export type Intent = { readonly confidence: Probability; readonly reasons: readonly string[] } & (
  | { readonly kind: 'enter'; readonly direction: Direction }
  | { readonly kind: 'exit'; readonly cause: ExitCause }
  | { readonly kind: 'hold' }
)

export type Strategy = {
  readonly name: string
  readonly version: string
  readonly decide: (view: PairView) => Intent
}

/** `value` as a probability, cut to [0, 1]. */
export function probabilityOf(value: number): Probability {
  return Math.min(1, Math.max(0, value)) as Probability
}

/** The direction that gains when the spread goes back to its mean. */
export function directionTowardsMean(z: number): Direction {
  return z < 0 ? 'long' : 'short'
}

/** Whether a held spread is within `exitZ` of its mean or has passed it. False while flat. */
export function hasReachedMean({ position, zNow, rules }: PairView): boolean {
  if (position.kind === 'flat') return false
  return position.direction === 'long' ? zNow >= -rules.exitZ : zNow <= rules.exitZ
}

/**
 * Why the spread itself forbids an entry, as a sentence, or undefined when it does not: it is not yet `entryZ` away, is
 * beyond the stop, or has not been within `exitZ` of its mean since the pair was last left. The last keeps a pair that
 * was left at its stop or its time limit from being entered again at once.
 */
export function entryObstacle(view: PairView): string | undefined {
  const { zNow, rules } = view
  const distance = distanceInWords(zNow)
  if (Math.abs(zNow) < rules.entryZ) return `${distance}; an entry needs ${rules.entryZ.toFixed(2)}`
  if (Math.abs(zNow) >= rules.stopZ) return `${distance}, beyond the stop at ${rules.stopZ.toFixed(2)}`
  return hasReturnedSinceExit(view) ? undefined : `${distance} and has not been back since this pair was left`
}

function hasReturnedSinceExit({ position, openedAt, z, rules }: PairView): boolean {
  if (position.kind === 'open' || position.since === undefined) return true
  // The bar that closed at `since` is the one that the decision to leave has seen.
  const first = position.since - MINUTE_MS
  for (let t = z.length - 1; t >= 0 && openedAt[t] >= first; t--) {
    if (Math.abs(z[t]) <= rules.exitZ) return true
  }
  return false
}

/** `Spread is 2.31 standard deviations below its mean`, without a full stop. */
export function distanceInWords(z: number): string {
  return `Spread is ${Math.abs(z).toFixed(2)} standard deviations ${z < 0 ? 'below' : 'above'} its mean`
}
