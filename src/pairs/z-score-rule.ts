/** A rule that trades a spread on its distance from its rolling mean, and what a fill costs. */
export type ZScoreRule = {
  /** Bars of the rolling z-score. */
  readonly zscoreWindowBars: number
  /** Standard deviations at which the rule enters against the deviation, at which it leaves, and at which it gives up. */
  readonly entryZ: number
  readonly exitZ: number
  readonly stopZ: number
  /** Basis points of its value that a fill costs. */
  readonly costBps: number
}

/** Long the spread, nothing, or short the spread. */
export type Position = -1 | 0 | 1

/**
 * What the rule holds after seeing `z`: from nothing it goes long where z ≤ −entryZ and short where z ≥ entryZ, short of the
 * stop; it leaves when z has come within exitZ of the mean or passed it, or has reached stopZ. Where `z` is NaN it holds nothing.
 */
export function positionAfter(position: Position, z: number, { entryZ, exitZ, stopZ }: ZScoreRule): Position {
  const distance = Math.abs(z)
  if (position !== 0) return -position * z <= exitZ || distance >= stopZ || Number.isNaN(z) ? 0 : position
  if (!(distance >= entryZ && distance < stopZ)) return 0
  return z < 0 ? 1 : -1
}
