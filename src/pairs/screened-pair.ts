import type { Pair, PairName } from '#domain/pair.ts'
import type { Probability } from '#domain/units.ts'

/** Settings `pairs:` in camelCase; every rule is required. */
export type ScreenRules = {
  /** Fraction of the longest series that a symbol must have. */
  readonly completeness: number
  /** Of log prices. */
  readonly minimumCorrelation: number
  /** Engle–Granger, in the better direction. */
  readonly maximumPValue: number
  readonly minimumHalfLifeBars: number
  readonly maximumHalfLifeBars: number
  /** Benjamini–Hochberg over all pairs tried; 1 turns it off. */
  readonly falseDiscoveryRate: number
  /** Pairs that are trained, best first; a screen ranks all that pass. */
  readonly maximum: number
}

/** What the better direction of Engle–Granger says: ln y = alpha + beta ln x + spread. */
export type Cointegration = {
  readonly correlation: number
  /** Of that direction alone, before any adjustment. */
  readonly pValue: Probability
  readonly alpha: number
  readonly beta: number
  /** Rows at which both were observed and neither was a spike. */
  readonly observations: number
}

/** A pair at the gate that stopped it, with the numbers known by then. */
export type PairVerdict =
  | { readonly verdict: 'not-testable'; readonly why: string }
  | { readonly verdict: 'low-correlation'; readonly correlation: number }
  | ({ readonly verdict: 'not-cointegrated' | 'negative-hedge-ratio' } & Cointegration)
  | ({ readonly verdict: 'half-life-out-of-range'; readonly halfLifeBars: number | undefined } & Cointegration)
  | ({ readonly verdict: 'false-discovery'; readonly halfLifeBars: number; readonly adjustedPValue: number } & Cointegration)
  | ({
      readonly verdict: 'shortlisted'
      readonly halfLifeBars: number
      readonly adjustedPValue: number
      /** In [0, 1], higher is better. */
      readonly score: number
      /** 1 is the best. */
      readonly rank: number
    } & Cointegration)

export type ScreenedPair = { readonly pair: Pair; readonly name: PairName } & PairVerdict
