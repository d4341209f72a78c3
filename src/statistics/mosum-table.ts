import type { RandomStream } from '#domain/random.ts'

/** Widths of the window as fractions of the rows. */
export const MOSUM_WIDTHS = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5] as const

export type MosumSimulation = { readonly paths: number; readonly steps: number; readonly random: RandomStream }

/**
 * For each width, [paths] the largest |B(t + h) − B(t)| of Brownian bridges B on [0, 1] in so many equal steps, ascending.
 * What the table of mosum.ts is made of.
 */
export function simulatedIncrements({ paths, steps, random }: MosumSimulation): readonly Float64Array[] {
  const largest = MOSUM_WIDTHS.map(() => new Float64Array(paths))
  const motion = new Float64Array(steps + 1)
  for (let path = 0; path < paths; path++) {
    for (let t = 1; t <= steps; t++) motion[t] = motion[t - 1] + random.normal() / Math.sqrt(steps)
    const drift = motion[steps]
    MOSUM_WIDTHS.forEach((width, i) => {
      const rows = Math.floor(width * steps + 1e-9)
      let most = 0
      for (let t = rows; t <= steps; t++) most = Math.max(most, Math.abs(motion[t] - motion[t - rows] - (drift * rows) / steps))
      largest[i][path] = most
    })
  }
  return largest.map((column) => column.sort())
}

/** Probabilities that the columns of the table are exceeded with. */
export const MOSUM_LEVELS = [0.5, 0.2, 0.1, 0.05, 0.025, 0.01, 0.001] as const

/** Steps of the paths behind the table. */
export const MOSUM_STEPS = 2000

/** A row for each width, a column for each level: `simulatedIncrements` of 50,000 paths, `randomStream(1, 'mosum')`. */
export const MOSUM_CRITICAL: readonly (readonly number[])[] = [
  [0.6152, 0.7024, 0.7544, 0.8, 0.8427, 0.8946, 1.0277],
  [0.7699, 0.9008, 0.9757, 1.0461, 1.1111, 1.1849, 1.3648],
  [0.8557, 1.0195, 1.1162, 1.2015, 1.2793, 1.3788, 1.6302],
  [0.9041, 1.0993, 1.2118, 1.3104, 1.3979, 1.5126, 1.7742],
  [0.9316, 1.1486, 1.2756, 1.3848, 1.4835, 1.6088, 1.8825],
  [0.9462, 1.1801, 1.3168, 1.4364, 1.5455, 1.6761, 1.964],
  [0.9496, 1.1989, 1.3424, 1.4723, 1.5847, 1.7223, 2.0259],
  [0.9477, 1.2043, 1.3578, 1.4866, 1.6086, 1.755, 2.0574],
  [0.9363, 1.2003, 1.3576, 1.4909, 1.6102, 1.7598, 2.0553],
  [0.9279, 1.1952, 1.3509, 1.4827, 1.6041, 1.7552, 2.0471],
]
