import { innerProduct } from './inner-product.ts'

/**
 * Variance of √n times the mean of `x`, which has mean 0, with autocovariances up to `lags` under Bartlett's weights; >= 0.
 * `x`: [n > lags] finite. Source: Newey & West (1987), Econometrica 55(3), 703–708.
 */
export function longRunVariance(x: Float64Array, lags: number): number {
  let sum = innerProduct(x, x)
  for (let lag = 1; lag <= lags; lag++) {
    sum += 2 * innerProduct(x.subarray(lag), x) * (1 - lag / (lags + 1))
  }
  return sum / x.length
}

/**
 * Lags that n rows allow for: ⌊4 (n / 100)^(2/9)⌋, at most n − 1.
 * Source: Newey & West (1994), Review of Economic Studies 61(4), 631–653.
 */
export function neweyWestLags(n: number): number {
  return Math.max(0, Math.min(n - 1, Math.floor(4 * (n / 100) ** (2 / 9))))
}
