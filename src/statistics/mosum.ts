import type { BreakTest } from './cusum.ts'
import { MOSUM_CRITICAL, MOSUM_LEVELS, MOSUM_STEPS, MOSUM_WIDTHS } from './mosum-table.ts'

/**
 * MOSUM test of the residuals of a regression with a constant: the largest |Σ e| / (σ √n) of any ⌊n h⌋ rows in a row, σ² = Σ
 * e² / n. It sees a coefficient that leaves and comes back, which a CUSUM averages away. `residuals`: [n] finite, without
 * autocorrelation, n h >= 5; `width` h in [0.05, 0.5]. The p-value lies between 0.001 and 0.5, the ends of the table: an end
 * says "at most" or "at least". `row` is the last of the window that is furthest from 0. Throws RangeError for other widths.
 * Sources: Chu, Hornik & Kuan (1995), Biometrika 82(3), 603–617; the table is simulated (mosum-table.ts).
 */
export function residualMosum(residuals: Float64Array, { width }: { readonly width: number }): BreakTest {
  if (!(width >= 0.05 && width <= 0.5)) throw new RangeError(`a window must be a fraction in [0.05, 0.5], got ${width}`)
  const n = residuals.length
  const rows = Math.floor(n * width + 1e-9)
  if (rows < 5) return { kind: 'too-short', observations: n, needed: Math.ceil(5 / width) }
  const row = residuals.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) return { kind: 'not-finite', row }
  const unit = Math.sqrt(residuals.reduce((sum, e) => sum + e * e, 0))
  if (unit === 0) return { kind: 'constant' }
  const path = movingSums(residuals, rows).map((sum) => sum / unit)
  const statistic = path.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const at = path.findIndex((value) => Math.abs(value) === statistic)
  return { kind: 'tested', statistic, pValue: tailOf(statistic + coarseness(n), width), row: at + rows - 1, path }
}

function movingSums(e: Float64Array, rows: number): Float64Array {
  const sums = new Float64Array(e.length - rows + 1)
  for (let t = 0; t < sums.length; t++) sums[t] = e.subarray(t, t + rows).reduce((sum, value) => sum + value, 0)
  return sums
}

/**
 * What the peak of a path of n steps lacks beside one of the table's, whose steps have twice the variance of a motion's.
 * Source: Siegmund (1985), Sequential Analysis, chapter 10: a walk oversteps a boundary by 0.5826 standard deviations.
 */
function coarseness(n: number): number {
  return 0.5826 * Math.SQRT2 * (1 / Math.sqrt(n) - 1 / Math.sqrt(MOSUM_STEPS))
}

/** Between widths and critical values the table is read linearly, in the logarithm of the level. */
function tailOf(statistic: number, width: number): number {
  const at = Math.max(
    0,
    MOSUM_WIDTHS.findLastIndex((known) => known <= width + 1e-12),
  )
  const next = Math.min(at + 1, MOSUM_WIDTHS.length - 1)
  const share = next === at ? 0 : (width - MOSUM_WIDTHS[at]) / (MOSUM_WIDTHS[next] - MOSUM_WIDTHS[at])
  const critical = MOSUM_CRITICAL[at].map((value, level) => value + share * (MOSUM_CRITICAL[next][level] - value))
  const above = critical.findIndex((value) => statistic < value)
  if (above === 0) return MOSUM_LEVELS[0]
  if (above < 0) return MOSUM_LEVELS[MOSUM_LEVELS.length - 1]
  const part = (statistic - critical[above - 1]) / (critical[above] - critical[above - 1])
  return MOSUM_LEVELS[above - 1] * (MOSUM_LEVELS[above] / MOSUM_LEVELS[above - 1]) ** part
}
