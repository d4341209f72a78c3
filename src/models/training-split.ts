import type { ModelRules } from './rules.ts'

/** Rows on which the windows of each part end, ascending. */
export type Split = {
  readonly trainEnds: Int32Array
  readonly validationEnds: Int32Array
  readonly testEnds: Int32Array
}

/** Rows on which a window of `sequence` rows ends that are all known, and that have a label: ascending. */
export function windowEnds(known: Uint8Array, labels: Float64Array, sequence: number): Int32Array {
  const ends: number[] = []
  let run = 0
  for (let t = 0; t < known.length; t++) {
    run = known[t] === 1 ? run + 1 : 0
    if (run >= sequence && !Number.isNaN(labels[t])) ends.push(t)
  }
  return Int32Array.from(ends)
}

/**
 * Cuts windows by time: the oldest fraction trains, the next validates, the rest tests. A part begins more than
 * `gapBars` rows after the part before it ended, so that with a gap of at least a window's length no row, and no row that
 * a label looks ahead to, is in two parts.
 */
export function splitByTime(
  ends: Int32Array,
  { trainFraction, validationFraction, gapBars }: Pick<ModelRules, 'trainFraction' | 'validationFraction' | 'gapBars'>,
): Split {
  const trainCount = Math.floor(ends.length * trainFraction)
  const validationCount = Math.floor(ends.length * validationFraction)
  const trainEnds = ends.subarray(0, trainCount)
  const validationEnds = after(trainEnds, ends.subarray(trainCount, trainCount + validationCount), gapBars)
  const testEnds = after(validationEnds, ends.subarray(trainCount + validationCount), gapBars)
  return { trainEnds, validationEnds, testEnds }
}

function after(earlier: Int32Array, later: Int32Array, gapBars: number): Int32Array {
  const last = earlier.at(-1) ?? Number.NEGATIVE_INFINITY
  return later.filter((end) => end > last + gapBars)
}
