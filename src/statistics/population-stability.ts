import { type Constant, type NotFinite, refusalOfSeries, type TooShort } from './refusals.ts'
import { chiSquaredTail } from './special.ts'

/** Values above the bin before and up to `upTo`; the last bin has no end. */
export type StabilityBin = { readonly upTo: number; readonly referenceShare: number; readonly recentShare: number }

export type PopulationStability =
  | {
      readonly kind: 'measured'
      /** >= 0; 0 for the same shares. By habit, up to 0.1 is called stable and above 0.25 another population. */
      readonly index: number
      /** Chance of so large an index when both are drawn, each value by itself, from one distribution. */
      readonly pValue: number
      readonly bins: readonly StabilityBin[]
    }
  | TooShort
  | NotFinite
  | Constant

/**
 * Population stability index Σ (q − p) ln(q / p) over bins of equal counts of the reference; half a value is added to every
 * bin, so that an empty one gives a finite index. `reference`: [n >= bins] finite, not constant; `recent`: [m >= 1] finite;
 * `bins` >= 2, fewer where values repeat. Throws RangeError for fewer bins.
 * Sources: Siddiqi (2006), Credit Risk Scorecards; Yurdakul & Naranjo (2020), Journal of Risk Model Validation 14(4), for
 * the distribution (1/n + 1/m) χ² with a degree of freedom less than there are bins.
 */
export function populationStability(
  reference: Float64Array,
  recent: Float64Array,
  { bins }: { readonly bins: number },
): PopulationStability {
  if (!(bins >= 2)) throw new RangeError(`an index needs two bins, got ${bins}`)
  const refusal = refusalOfSeries(reference, bins) ?? recentRefusal(recent)
  if (refusal) return refusal
  const ends = endsOf(reference.toSorted(), bins)
  const [p, q] = [reference, recent].map((sample) => sharesOf(sample, ends))
  const index = p.reduce((sum, share, i) => sum + (q[i] - share) * Math.log(q[i] / share), 0)
  return {
    kind: 'measured',
    index,
    pValue: chiSquaredTail(index / (1 / reference.length + 1 / recent.length), ends.length - 1),
    bins: Array.from(ends, (upTo, i) => ({ upTo, referenceShare: p[i], recentShare: q[i] })),
  }
}

/** A recent column that stands still is a finding, not a refusal. */
function recentRefusal(recent: Float64Array): TooShort | NotFinite | undefined {
  if (recent.length === 0) return { kind: 'too-short', observations: 0, needed: 1 }
  const row = recent.findIndex((value) => !Number.isFinite(value))
  return row >= 0 ? { kind: 'not-finite', row } : undefined
}

/** Upper ends of the bins, ascending, without repetition; at least two, since the reference varies. */
function endsOf(ascending: Float64Array, bins: number): Float64Array {
  const last = ascending[ascending.length - 1]
  const inner = Array.from({ length: bins - 1 }, (_, i) => ascending[Math.ceil(((i + 1) * ascending.length) / bins) - 1])
  const below = [...new Set(inner)].filter((end) => end < last)
  return Float64Array.of(...(below.length === 0 ? [ascending.findLast((value) => value < last) ?? last] : below), Infinity)
}

function sharesOf(sample: Float64Array, ends: Float64Array): Float64Array {
  const counts = new Float64Array(ends.length).fill(0.5)
  for (const value of sample) counts[ends.findIndex((end) => value <= end)]++
  return counts.map((count) => count / (sample.length + ends.length / 2))
}
