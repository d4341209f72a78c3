/**
 * P(K > x) of Kolmogorov's distribution, the largest magnitude of a Brownian bridge on [0, 1]; 1 for x <= 0, NaN for NaN.
 * Source: Kolmogorov (1933), Giornale dell'Istituto Italiano degli Attuari 4, 83–91; below 1 by the theta series of Feller
 * (1948), Annals of Mathematical Statistics 19(2), 177–189, which is quick where the other is slow.
 */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1
  return x < 1 ? 1 - thetaSeries(x) : 2 * alternatingSeries(x)
}

/** Σ (−1)^(k−1) e^(−2k²x²); five terms leave less than 1e-20 at x = 1. */
function alternatingSeries(x: number): number {
  let sum = 0
  for (let k = 5; k >= 1; k--) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x)
  return sum
}

/** √(2π)/x Σ e^(−(2k−1)²π²/(8x²)). */
function thetaSeries(x: number): number {
  let sum = 0
  for (let k = 5; k >= 1; k--) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x))
  return (Math.sqrt(2 * Math.PI) / x) * sum
}
