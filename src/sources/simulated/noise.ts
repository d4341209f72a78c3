import type { RandomStream } from '#domain/random.ts'

const ALPHA = 0.1
const BETA = 0.85
const BURN_IN_BARS = 60

/**
 * GARCH(1,1) innovations of unit unconditional variance: h[t] = (1 − α − β) + α e[t−1]² + β h[t−1], e[t] = √h[t] z[t],
 * with α = 0.10 and β = 0.85. Returns [bars], after a burn-in that is thrown away.
 * Source: Bollerslev (1986), Journal of Econometrics 31(3), 307–327.
 */
export function garchNoise(random: RandomStream, bars: number): Float64Array {
  const noise = new Float64Array(bars)
  let variance = 1
  for (let t = -BURN_IN_BARS; t < bars; t++) {
    const shock = Math.sqrt(variance) * random.normal()
    if (t >= 0) noise[t] = shock
    variance = 1 - ALPHA - BETA + ALPHA * shock * shock + BETA * variance
  }
  return noise
}

/** How lively a minute of a session is, near 1 on average: high at the open, low at noon, higher at 16:00. A half day ends early. */
export function intradayLevel(minute: number): number {
  return 0.7 + 1.1 * Math.exp(-minute / 25) + 0.6 * Math.exp(-(389 - minute) / 30)
}

/** Running sums of `steps`, each taken after its own step: [n]. */
export function cumulated(steps: Float64Array): Float64Array {
  const path = new Float64Array(steps.length)
  let sum = 0
  for (let t = 0; t < steps.length; t++) path[t] = sum += steps[t]
  return path
}
