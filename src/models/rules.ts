/** How pair models are trained: the settings under `model:`. */
export type ModelRules = {
  /** Bars in one window. */
  readonly sequenceBars: number
  /** Units of each GRU layer. */
  readonly hidden: readonly number[]
  /** Fraction dropped between the layers, in [0, 1). */
  readonly dropout: number
  readonly learningRate: number
  /** Windows in a mini-batch. */
  readonly batchWindows: number
  readonly maximumEpochs: number
  /** Epochs without a better validation loss before training stops. */
  readonly patienceEpochs: number
  /** Of the windows, oldest first, in (0, 1). */
  readonly trainFraction: number
  /** Of the windows, the next; the rest is the test part. */
  readonly validationFraction: number
  /** Bars left out between the parts. */
  readonly gapBars: number
}

/**
 * Epochs that each of `pairs` pairs may take of a day's budget: an even share, at least one, so that what a pair
 * learns depends on how many pairs there are and never on how fast the machine is. 0 when there is no pair.
 */
export function epochsEach(budget: number, pairs: number): number {
  return pairs === 0 ? 0 : Math.max(1, Math.floor(budget / pairs))
}
