import type { Pair, PairName } from '#domain/pair.ts'
import type { Probability } from '#domain/units.ts'
import type { ScoreParts } from './score-part.ts'
import type { StabilityRules } from './variance-stability.ts'
import type { ZScoreRule } from './z-score-rule.ts'

/** Settings `pairs:` in camelCase, and the rule that is traded; every one is required. */
export type ScreenRules = StabilityRules & {
  /** Fraction of the longest series that a symbol must have. */
  readonly completeness: number
  /** Closes that a symbol's expanding z-score is among at least. */
  readonly zScoreMinimumBars: number
  /** Newest fraction of the rows that is held back from every estimate, in (0, 1). */
  readonly outOfSampleFraction: number
  /** Of log prices. */
  readonly minimumCorrelation: number
  /** Engle–Granger, in the better direction. */
  readonly maximumPValue: number
  readonly minimumHalfLifeBars: number
  readonly maximumHalfLifeBars: number
  /** Benjamini–Hochberg over all pairs tried; 1 turns it off. */
  readonly falseDiscoveryRate: number
  /** Dickey–Fuller on the held-back spread. */
  readonly maximumTailPValue: number
  /** Of the held-back spread's mean from that of the rows before, in standard deviations of the latter. */
  readonly maximumTailShift: number
  /** Of the composite score, in [0, 1]. */
  readonly minimumScore: number
  /** Pairs that are trained, best first; a screen ranks all that pass. */
  readonly maximum: number
  readonly zScoreRule: ZScoreRule
}

/** What the better direction of Engle–Granger says of the rows before the held-back ones: ln y = alpha + beta ln x + spread. */
export type Cointegration = {
  readonly correlation: number
  /** Of that direction alone, before any adjustment. */
  readonly pValue: Probability
  readonly alpha: number
  readonly beta: number
  /** Rows at which both were observed and neither was a spike. */
  readonly observations: number
}

export type Reverting = Cointegration & { readonly halfLifeBars: number }

/** How the spread behaved on the held-back rows. */
export type TailFigures = {
  /** Dickey–Fuller, without a constant. */
  readonly tailPValue: number
  /** |mean| over the standard deviation before. */
  readonly tailShift: number
}

/** What a pair's spread is worth by the composite score. */
export type Scored = TailFigures & {
  /** In [0, 1], higher is better. */
  readonly score: number
  readonly parts: ScoreParts
}

type Adjusted = Reverting & {
  /** Benjamini–Hochberg, over all pairs tried. */
  readonly adjustedPValue: number
}

/** A pair at the gate that stopped it, with the numbers known by then. */
export type PairVerdict =
  | { readonly verdict: 'not-testable'; readonly why: string }
  | { readonly verdict: 'low-correlation'; readonly correlation: number }
  | ({ readonly verdict: 'not-cointegrated' | 'negative-hedge-ratio' } & Cointegration)
  | ({ readonly verdict: 'half-life-out-of-range'; readonly halfLifeBars: number | undefined } & Cointegration)
  | ({ readonly verdict: 'false-discovery' } & Adjusted)
  | ({ readonly verdict: 'broke-out-of-sample' } & Adjusted & (TailFigures | { readonly why: string }))
  | ({ readonly verdict: 'low-score' } & Adjusted & Scored)
  | ({
      readonly verdict: 'shortlisted'
      /** 1 is the best. */
      readonly rank: number
    } & Adjusted &
      Scored)

export type ScreenedPair = { readonly pair: Pair; readonly name: PairName } & PairVerdict
