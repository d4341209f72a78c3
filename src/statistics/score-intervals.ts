import { areaUnderRoc } from './classification.ts'
import type { Measure } from './measure.ts'
import { normalQuantile } from './special.ts'

/** A figure with the ends between which the true one lies as often as was asked; undefined as the figure is. */
export type Bracketed =
  | { readonly kind: 'measured'; readonly value: number; readonly low: number; readonly high: number }
  | Extract<Measure, { readonly kind: 'undefined' }>

/**
 * A share `hits` / `of` in [0, 1] with Wilson's interval, which stays inside [0, 1] and holds for few; rows must not
 * depend on one another. Undefined for none. Source: Wilson (1927), JASA 22(158), 209–212; checked against statsmodels 0.13.5.
 */
export function wilsonInterval(hits: number, of: number, { confidence }: { readonly confidence: number }): Bracketed {
  if (of === 0) return { kind: 'undefined', why: 'no-observations' }
  const square = normalQuantile(0.5 + confidence / 2) ** 2
  const share = hits / of
  const centre = (hits + square / 2) / (of + square)
  const reach = (Math.sqrt(square) / (of + square)) * Math.sqrt(hits * (1 - share) + square / 4)
  return { kind: 'measured', value: share, low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) }
}

/**
 * The area under the ROC curve with DeLong's interval, cut to [0, 1]; rows must not depend on one another. Undefined as
 * the area is, and with one positive or one negative, which show no variance.
 * Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44(3), 837–845; Sun & Xu (2014), IEEE Signal Processing Letters
 * 21(11), 1389–1393, for the ranks.
 */
export function rocInterval(
  labels: ArrayLike<number>,
  scores: Float64Array,
  { confidence }: { readonly confidence: number },
): Bracketed {
  const area = areaUnderRoc(labels, scores)
  if (area.kind === 'undefined') return area
  const positives = scores.filter((_, i) => labels[i] === 1).sort()
  const negatives = scores.filter((_, i) => labels[i] !== 1).sort()
  if (positives.length < 2 || negatives.length < 2) return { kind: 'undefined', why: 'no-variation' }
  const variance = varianceOf(placements(positives, negatives)) + varianceOf(placements(negatives, positives))
  const reach = normalQuantile(0.5 + confidence / 2) * Math.sqrt(variance)
  return { kind: 'measured', value: area.value, low: Math.max(0, area.value - reach), high: Math.min(1, area.value + reach) }
}

/** Of each value of `own`, the share of `others` below it, ties counting half; both ascending. */
function placements(own: Float64Array, others: Float64Array): Float64Array {
  let [below, upTo] = [0, 0]
  return own.map((value) => {
    while (below < others.length && others[below] < value) below++
    while (upTo < others.length && others[upTo] <= value) upTo++
    return (below + upTo) / 2 / others.length
  })
}

/** Of the mean, with n − 1. */
function varianceOf(x: Float64Array): number {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length
  return x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1) / x.length
}
