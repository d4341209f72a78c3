import { type Measure, measured, undefinedBecause } from './measure.ts'

/** The rows whose probability lies in one bin. */
export type ReliabilityBin = {
  readonly count: number
  /** Mean probability that was given, in [0, 1]. */
  readonly forecast: number
  /** Share of the rows that are positive, in [0, 1]. */
  readonly observed: number
}

/**
 * The probabilities in `bins` >= 1 bins of one width, ascending; bins without a row are left out. `labels`: [n] 0 or 1;
 * `probabilities`: [n] in [0, 1]; rows with NaN are left out.
 * Source: DeGroot & Fienberg (1983), The Statistician 32(1/2), 12–22.
 */
export function reliabilityBins(
  labels: ArrayLike<number>,
  probabilities: Float64Array,
  { bins }: { readonly bins: number },
): ReliabilityBin[] {
  const rows: number[][] = Array.from({ length: bins }, () => [])
  probabilities.forEach((p, i) => {
    if (!Number.isNaN(p)) rows[binOf(p, bins)].push(i)
  })
  const mean = (of: readonly number[], valueAt: (i: number) => number) => of.reduce((sum, i) => sum + valueAt(i), 0) / of.length
  return rows
    .filter((of) => of.length > 0)
    .map((of) => ({ count: of.length, forecast: mean(of, (i) => probabilities[i]), observed: mean(of, (i) => labels[i]) }))
}

function binOf(p: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(p * bins))
}

/**
 * Expected calibration error: how far forecast and observed shares lie apart, over the bins by their counts, in [0, 1].
 * Undefined without a row. Source: Naeini, Cooper & Hauskrecht (2015), AAAI 29, 2901–2907.
 */
export function calibrationError(bins: readonly ReliabilityBin[]): Measure {
  const rows = bins.reduce((sum, { count }) => sum + count, 0)
  if (rows === 0) return undefinedBecause('no-observations')
  return measured(bins.reduce((sum, { count, forecast, observed }) => sum + count * Math.abs(forecast - observed), 0) / rows)
}

/** The Brier score in parts: reliability − resolution + uncertainty + within. */
export type BrierParts = {
  /** How far forecasts lie from what was observed in their bins, >= 0; 0 is best. */
  readonly reliability: number
  /** How far the bins' shares lie from the share of all, >= 0; more is better. */
  readonly resolution: number
  /** Of the labels alone: the share of positives times that of the others, in [0, ¼]. */
  readonly uncertainty: number
  /** What forecasts that differ within a bin add. */
  readonly within: number
}

/**
 * Parts of the Brier score of probabilities in `bins` bins of one width. `labels`: [n] 0 or 1; `probabilities`: [n] in [0, 1].
 * Undefined as the score is.
 * Sources: Murphy (1973), Journal of Applied Meteorology 12(4), 595–600; Stephenson, Coelho & Jolliffe (2008), Weather and
 * Forecasting 23(4), 752–757, for the part within bins.
 */
export function brierParts(
  labels: ArrayLike<number>,
  probabilities: Float64Array,
  options: { readonly bins: number },
): ({ readonly kind: 'measured' } & BrierParts) | Extract<Measure, { readonly kind: 'undefined' }> {
  const n = probabilities.length
  if (n === 0) return { kind: 'undefined', why: 'no-observations' }
  if (!probabilities.every(Number.isFinite)) return { kind: 'undefined', why: 'not-finite' }
  const bins = reliabilityBins(labels, probabilities, options)
  const share = bins.reduce((sum, { count, observed }) => sum + count * observed, 0) / n
  const over = (part: (bin: ReliabilityBin) => number) => bins.reduce((sum, bin) => sum + bin.count * part(bin), 0) / n
  const reliability = over(({ forecast, observed }) => (forecast - observed) ** 2)
  const resolution = over(({ observed }) => (observed - share) ** 2)
  const uncertainty = share * (1 - share)
  const brier = probabilities.reduce((sum, p, i) => sum + (p - labels[i]) ** 2, 0) / n
  return { kind: 'measured', reliability, resolution, uncertainty, within: brier - (reliability - resolution + uncertainty) }
}
