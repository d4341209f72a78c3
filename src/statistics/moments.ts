import { refusalOfSeries, type SeriesRefusal } from './refusals.ts'
import { chiSquaredTail } from './special.ts'

export type Moments =
  | {
      readonly kind: 'measured'
      /** In the unit of the series. */
      readonly mean: number
      /** With n − 1, in its squared unit. */
      readonly variance: number
      /** With moments over n. */
      readonly skewness: number
      /** With moments over n; 3 for a normal distribution. */
      readonly kurtosis: number
      readonly observations: number
    }
  | SeriesRefusal

/** Mean, variance, skewness and kurtosis. `x`: [n >= 2] finite, not constant, any unit. Checked against scipy 1.10.1. */
export function moments(x: Float64Array): Moments {
  const refusal = refusalOfSeries(x, 2)
  if (refusal) return refusal
  const n = x.length
  const [origin] = x
  const mean = origin + x.reduce((sum, value) => sum + (value - origin), 0) / n
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0)
  let [second, third, fourth] = [0, 0, 0]
  for (const value of x) {
    const u = (value - mean) / largest
    second += u * u
    third += u * u * u
    fourth += u * u * u * u
  }
  return {
    kind: 'measured',
    mean,
    variance: ((second * largest) / (n - 1)) * largest,
    skewness: third / n / (second / n) ** 1.5,
    kurtosis: (n * fourth) / (second * second),
    observations: n,
  }
}

/** Skewness and excess kurtosis (0 for a normal distribution) without bias under normality; needs four observations. */
export function unbiasedShape({ skewness, kurtosis, observations: n }: Extract<Moments, { kind: 'measured' }>) {
  return {
    skewness: n < 3 ? Number.NaN : (Math.sqrt(n * (n - 1)) / (n - 2)) * skewness,
    excess: n < 4 ? Number.NaN : ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (kurtosis - 3) + 6),
  }
}

export type JarqueBera =
  | {
      readonly kind: 'tested'
      readonly statistic: number
      /** Asymptotic, in [0, 1]; few hundred rows make it too small. */
      readonly pValue: number
      readonly skewness: number
      readonly kurtosis: number
    }
  | SeriesRefusal

/**
 * Jarque–Bera test, n/6 (S² + (K − 3)²/4); the null is a normal distribution. `x`: [n >= 2] finite, not constant.
 * Source: Jarque & Bera (1980), Economics Letters 6(3), 255–259; checked against statsmodels 0.13.5.
 */
export function jarqueBera(x: Float64Array): JarqueBera {
  const shape = moments(x)
  if (shape.kind !== 'measured') return shape
  const { skewness, kurtosis, observations } = shape
  const statistic = (observations / 6) * (skewness ** 2 + (kurtosis - 3) ** 2 / 4)
  return { kind: 'tested', statistic, pValue: chiSquaredTail(statistic, 2), skewness, kurtosis }
}

export type DurbinWatson =
  | { readonly kind: 'measured'; readonly value: number }
  | Exclude<SeriesRefusal, { kind: 'constant' }>
  | { readonly kind: 'zero' }

/**
 * Durbin–Watson figure of residuals, Σ (e[t] − e[t−1])² / Σ e², in [0, 4]: 2 without correlation from one to the next.
 * `residuals`: [n >= 2] finite, not all zero. Source: Durbin & Watson (1950), Biometrika 37(3/4), 409–428.
 */
export function durbinWatson(residuals: Float64Array): DurbinWatson {
  const refusal = refusalOfSeries(residuals, 2)
  if (refusal && refusal.kind !== 'constant') return refusal
  const largest = residuals.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest === 0) return { kind: 'zero' }
  let [steps, squares] = [0, (residuals[0] / largest) ** 2]
  for (let t = 1; t < residuals.length; t++) {
    steps += ((residuals[t] - residuals[t - 1]) / largest) ** 2
    squares += (residuals[t] / largest) ** 2
  }
  return { kind: 'measured', value: steps / squares }
}
