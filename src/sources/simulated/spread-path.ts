import type { RandomStream } from '#domain/random.ts'
import { garchNoise } from './noise.ts'

/** A mean-reverting spread: half of a deviation is gone after `halfLifeBars`, and its long-run standard deviation is one. */
export type Reversion = { readonly halfLifeBars: number }

/** A bar at which the spread is made to stand at `value` standard deviations. */
export type Pin = { readonly bar: number; readonly value: number }

/**
 * One session of an Ornstein–Uhlenbeck spread in units of its own long-run standard deviation, driven by GARCH noise:
 * s[t] = ρ s[t−1] + √(1 − ρ²) e[t], ρ = 2^(−1/halfLifeBars), s[−1] = start. Returns [bars]. It passes through every pin
 * exactly: between two pins it is the bridge of that process, which near the pins bends as the process itself would.
 * `pins`: ascending by bar.
 */
export function spreadPath(
  random: RandomStream,
  { halfLifeBars }: Reversion,
  course: { readonly bars: number; readonly start: number; readonly pins: readonly Pin[] },
): Float64Array {
  const rho = 2 ** (-1 / halfLifeBars)
  const noise = garchNoise(random, course.bars)
  const path = new Float64Array(course.bars)
  let from: Pin = { bar: -1, value: course.start }
  for (const pin of [...course.pins.filter((p) => p.bar < course.bars), undefined]) {
    const until = pin?.bar ?? course.bars - 1
    let level = from.value
    for (let t = from.bar + 1; t <= until; t++) path[t] = level = rho * level + Math.sqrt(1 - rho * rho) * noise[t]
    if (!pin) break
    bendTo(path, { from: from.bar, pin, rho })
    from = pin
  }
  return path
}

/** Adds to (from, pin.bar] the bridge's correction, (pin − s[end]) · sinh(θ t) / sinh(θ T) with θ = −ln ρ. */
function bendTo(path: Float64Array, { from, pin, rho }: { from: number; pin: Pin; rho: number }): void {
  const theta = -Math.log(rho)
  const missing = pin.value - path[pin.bar]
  const whole = Math.sinh(theta * (pin.bar - from))
  for (let t = from + 1; t <= pin.bar; t++) path[t] += (missing * Math.sinh(theta * (t - from))) / whole
}
