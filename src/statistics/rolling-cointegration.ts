import { type EngleGrangerOptions, engleGranger } from './engle-granger.ts'

export type RollingCointegrationOptions = EngleGrangerOptions & {
  /** Rows of a window, the current one included. */
  readonly window: number
  /** Rows from one test to the next, >= 1. */
  readonly every: number
}

/** [n] each: the Engle–Granger test of the window that ends at the row; NaN where none was made or none was possible. */
export type CointegrationColumns = {
  readonly pValue: Float64Array
  /** The hedge ratio of the window. */
  readonly beta: Float64Array
}

/**
 * The Engle–Granger test of y on x over windows that move: at rows window − 1, window − 1 + every, … Row t depends on rows <= t.
 * `y`, `x`: [n] log prices, NaN where not observed; a window that holds one, or a leg that stands still, is not tested.
 * Throws RangeError for legs of different lengths and for a window or a step below 1.
 */
export function rollingCointegration(
  y: Float64Array,
  x: Float64Array,
  { window, every, ...options }: RollingCointegrationOptions,
): CointegrationColumns {
  if (!(window >= 1 && every >= 1)) throw new RangeError(`a window and a step have a row at least, got ${window} and ${every}`)
  const column = () => new Float64Array(y.length).fill(Number.NaN)
  const [pValue, beta] = [column(), column()]
  for (let t = window - 1; t < y.length; t += every) {
    const rows = [t - window + 1, t + 1] as const
    const test = engleGranger(y.subarray(...rows), x.subarray(...rows), options)
    if (test.kind !== 'tested') continue
    pValue[t] = test.pValue
    beta[t] = test.beta
  }
  return { pValue, beta }
}

export type Breakdown =
  | { readonly kind: 'holds'; readonly tests: number }
  /** Since `row`, in each of `tests` tests, up to the last one, the null of no cointegration stood. */
  | { readonly kind: 'broken'; readonly row: number; readonly tests: number; readonly pValue: number }
  /** Fewer tests than are needed to tell. */
  | { readonly kind: 'unknown'; readonly tests: number }

/**
 * Whether the last `consecutive` >= 1 tests of a column of p-values (NaN: no test) all lie above `maximumPValue`: one may by
 * chance, a run of them is a pair that came apart. `row` is the first of the run that reaches to the end; `pValue` is the last
 * one.
 */
export function breakdownOf(
  pValues: Float64Array,
  { maximumPValue, consecutive }: { readonly maximumPValue: number; readonly consecutive: number },
): Breakdown {
  const tested = Array.from(pValues, (pValue, row) => ({ pValue, row })).filter(({ pValue }) => !Number.isNaN(pValue))
  const lastHeld = tested.findLastIndex(({ pValue }) => pValue <= maximumPValue)
  const run = tested.slice(lastHeld + 1)
  const [first] = run
  const last = run.at(-1)
  if (tested.length < consecutive) return { kind: 'unknown', tests: tested.length }
  if (first === undefined || last === undefined || run.length < consecutive) return { kind: 'holds', tests: tested.length }
  return { kind: 'broken', row: first.row, tests: run.length, pValue: last.pValue }
}
