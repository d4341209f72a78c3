import { moments } from './moments.ts'
import { normalCdf, normalQuantile } from './special.ts'

/** What a Sharpe ratio was estimated from; ratios are of one bar, not a year. */
export type SharpeEvidence = {
  /** Mean over standard deviation (n − 1) of one bar's returns. */
  readonly sharpe: number
  readonly observations: number
  /** With moments over n; the kurtosis of a normal distribution is 3. */
  readonly skewness: number
  readonly kurtosis: number
}

export type SharpeEstimate =
  | ({ readonly kind: 'estimated' } & SharpeEvidence)
  | { readonly kind: 'undefined'; readonly why: 'no-observations' | 'not-finite' | 'no-variation' }

/** Sharpe ratio of one bar with what its uncertainty depends on. `returns`: [n >= 2] simple returns as fractions. */
export function sharpeEvidence(returns: Float64Array): SharpeEstimate {
  const shape = moments(returns)
  switch (shape.kind) {
    case 'measured': {
      const { mean, variance, skewness, kurtosis, observations } = shape
      return { kind: 'estimated', sharpe: mean / Math.sqrt(variance), observations, skewness, kurtosis }
    }
    case 'too-short':
      return { kind: 'undefined', why: 'no-observations' }
    case 'not-finite':
      return { kind: 'undefined', why: 'not-finite' }
    case 'constant':
      return { kind: 'undefined', why: 'no-variation' }
    default:
      return shape satisfies never
  }
}

export type SharpeInterval = { readonly low: number; readonly high: number }

/**
 * Where the Sharpe ratio of one bar lies with `confidence` in (0, 1), two-sided, for independent returns of any shape.
 * For a year's, multiply both by √barsPerYear. Source: Mertens (2002); Bailey & López de Prado (2012), equation 8.
 */
export function sharpeInterval(evidence: SharpeEvidence, { confidence }: { readonly confidence: number }): SharpeInterval {
  const reach = normalQuantile(0.5 + confidence / 2) * Math.sqrt(varianceFactor(evidence) / (evidence.observations - 1))
  return { low: evidence.sharpe - reach, high: evidence.sharpe + reach }
}

/**
 * Probability that the true Sharpe ratio of one bar exceeds `benchmark`, in [0, 1].
 * Source: Bailey & López de Prado (2012), Journal of Risk 15(2), 3–44.
 */
export function probabilisticSharpe(evidence: SharpeEvidence, benchmark: number): number {
  return normalCdf(((evidence.sharpe - benchmark) * Math.sqrt(evidence.observations - 1)) / Math.sqrt(varianceFactor(evidence)))
}

export type TrackRecord = { readonly kind: 'enough-at'; readonly observations: number } | { readonly kind: 'never' }

/**
 * Returns needed to say with `confidence` that the ratio exceeds `benchmark`; never where the estimate does not.
 * Source: Bailey & López de Prado (2012), equation 11.
 */
export function minimumTrackRecord(
  evidence: SharpeEvidence,
  { benchmark, confidence }: { readonly benchmark: number; readonly confidence: number },
): TrackRecord {
  const excess = evidence.sharpe - benchmark
  if (!(excess > 0)) return { kind: 'never' }
  return { kind: 'enough-at', observations: 1 + varianceFactor(evidence) * (normalQuantile(confidence) / excess) ** 2 }
}

const EULER_MASCHERONI = 0.5772156649015329

/**
 * The largest Sharpe ratio of one bar to be expected from `trials` >= 1 worthless strategies whose ratios vary by `variance`.
 * Source: Bailey & López de Prado (2014), Journal of Portfolio Management 40(5), 94–107.
 */
export function expectedMaximumSharpe({ trials, variance }: { readonly trials: number; readonly variance: number }): number {
  if (!(trials >= 1 && variance >= 0)) throw new RangeError(`need 1 trial and a variance >= 0, got ${trials} and ${variance}`)
  if (trials === 1) return 0
  const [likely, rare] = [normalQuantile(1 - 1 / trials), normalQuantile(1 - 1 / (trials * Math.E))]
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * likely + EULER_MASCHERONI * rare)
}

/** Probability that the true ratio exceeds what the best of so many worthless trials would show, in [0, 1]. Source: as above. */
export function deflatedSharpe(evidence: SharpeEvidence, trials: { readonly trials: number; readonly variance: number }): number {
  return probabilisticSharpe(evidence, expectedMaximumSharpe(trials))
}

/** The best of several tries, with what it must be held against. */
export type Deflation = {
  /** That its true ratio of one bar exceeds what the best of as many worthless tries would show, in [0, 1]. */
  readonly probability: number
  /** That ratio. */
  readonly expectedMaximum: number
  readonly tries: number
}

/**
 * Deflates the best of `tries` >= 1 by their number and by how far their ratios of one bar, `sharpes` [up to `tries`] finite,
 * lie apart; a try that failed has none and counts all the same. Where fewer than two are known, they are taken to lie as far
 * apart as chance alone puts worthless ones, 1 / (n − 1). Throws RangeError for more ratios than tries.
 * Source: as above.
 */
export function deflationOf(
  evidence: SharpeEvidence,
  { sharpes, tries }: { readonly sharpes: Float64Array; readonly tries: number },
): Deflation {
  if (sharpes.length > tries) throw new RangeError(`${tries} tries cannot have ${sharpes.length} ratios`)
  const variance = varianceAmong(sharpes) ?? 1 / (evidence.observations - 1)
  const expectedMaximum = expectedMaximumSharpe({ trials: tries, variance })
  return { probability: probabilisticSharpe(evidence, expectedMaximum), expectedMaximum, tries }
}

/** With n − 1; undefined for fewer than two. */
function varianceAmong(sharpes: Float64Array): number | undefined {
  const apart = moments(sharpes)
  if (apart.kind === 'measured') return apart.variance
  return apart.kind === 'constant' ? 0 : undefined
}

/** Variance of the estimated ratio times n − 1. */
function varianceFactor({ sharpe, skewness, kurtosis }: SharpeEvidence): number {
  return 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe
}
