import type { Probability } from '#domain/units.ts'
import { CRITICAL_SURFACES, P_VALUE_SURFACES, type Trend } from './mackinnon-tables.ts'
import { normalCdf } from './special.ts'

export type { Trend }

export type CriticalValues = { readonly onePerCent: number; readonly fivePerCent: number; readonly tenPerCent: number }

/**
 * Approximate asymptotic p-value of a Dickey–Fuller (`series` = 1) or Engle–Granger t value (`series` = how many,
 * y included, up to 6). Beyond the range of the approximation it is exactly 0 or 1. `tau` must not be NaN.
 * Source: MacKinnon (1994), Journal of Business & Economic Statistics 12(2), 167–176.
 */
export function mackinnonPValue(tau: number, { trend, series }: { readonly trend: Trend; readonly series: number }): Probability {
  const surface = P_VALUE_SURFACES[trend][series - 1]
  if (surface === undefined) throw new RangeError(`MacKinnon p-values exist for 1 to 6 series, got ${series}`)
  if (tau > surface.oneAbove) return 1 as Probability
  if (tau < surface.zeroBelow) return 0 as Probability
  if (tau <= surface.tailUpTo) {
    const [a, b, c] = surface.tail
    return normalCdf(a + tau * (b + tau * (c / 100))) as Probability
  }
  const [a, b, c, d] = surface.body
  return normalCdf(a + tau * (b / 10 + tau * (c / 10 + (tau * d) / 100))) as Probability
}

/**
 * Critical values of the same t value for a sample of `observations` (Infinity: asymptotic), up to 12 series;
 * with trend n for one series only, since no others were tabulated. Throws RangeError for what the tables lack.
 * Source: MacKinnon (2010), Queen's Economics Department Working Paper 1227.
 */
export function mackinnonCriticalValues(
  observations: number,
  { trend, series }: { readonly trend: Trend; readonly series: number },
): CriticalValues {
  const surfaces = CRITICAL_SURFACES[trend][series - 1]
  if (surfaces === undefined) throw new RangeError(`no critical values are tabulated for ${series} series with trend ${trend}`)
  const u = 1 / observations
  const [onePerCent, fivePerCent, tenPerCent] = surfaces.map(([c0, c1, c2, c3]) => c0 + u * (c1 + u * (c2 + u * c3)))
  return { onePerCent, fivePerCent, tenPerCent }
}
