import { innerProduct } from './inner-product.ts'
import { refusalOfSeries, type SeriesRefusal } from './refusals.ts'

export type Hurst =
  | {
      readonly kind: 'measured'
      /** About ½ for a random walk, below for a series that turns back, above for one that runs on. */
      readonly exponent: number
      /** Of the straight line through the logarithms. */
      readonly intercept: number
      readonly slope: number
      /** The spreads over which it was fitted, one for each lag or block size. */
      readonly spreads: Float64Array
      /** Lags or block sizes, rows. */
      readonly sizes: Float64Array
    }
  | SeriesRefusal

/**
 * Hurst exponent from how far the series moves: the slope of ln sd(x[t + lag] − x[t]) on ln lag, lags `from` to
 * `until` − 1. `x`: [n > until] finite, any unit, with every difference varying; at least two lags.
 * Source: Mandelbrot & Van Ness (1968), SIAM Review 10(4), 422–437.
 */
export function hurstOfMoves(x: Float64Array, { from, until }: { readonly from: number; readonly until: number }): Hurst {
  if (!(from >= 1 && until >= from + 2))
    throw new RangeError(`lags must be 1 or more and two at least, got ${from} to ${until - 1}`)
  const refusal = refusalOfSeries(x, until + 1)
  if (refusal) return refusal
  const sizes = Float64Array.from({ length: until - from }, (_, i) => from + i)
  const spreads = sizes.map((lag) => Math.sqrt(varianceOf(x.subarray(lag).map((value, t) => value - x[t]))))
  return throughLogarithms(sizes, spreads, (slope) => slope)
}

const FEWEST_BLOCKS = 10

/**
 * Hurst exponent of the series' steps from how fast their block means settle: 1 + ½ the slope of the logarithm of the
 * block means' variance on that of the block size, sizes 1, 2, 4, … while 10 blocks remain. `x`: [n >= 21] finite,
 * with every block size's means varying.
 * Source: Beran (1994), Statistics for Long-Memory Processes, section 4.4.
 */
export function hurstOfBlocks(x: Float64Array): Hurst {
  const refusal = refusalOfSeries(x, 2 * FEWEST_BLOCKS + 1)
  if (refusal) return refusal
  const steps = Float64Array.from({ length: x.length - 1 }, (_, t) => x[t + 1] - x[t])
  const sizes: number[] = []
  for (let size = 1; Math.floor(steps.length / size) >= FEWEST_BLOCKS; size *= 2) sizes.push(size)
  const spreads = Float64Array.from(sizes, (size) => varianceOf(blockMeans(steps, size)))
  return throughLogarithms(Float64Array.from(sizes), spreads, (slope) => 1 + slope / 2)
}

function throughLogarithms(sizes: Float64Array, spreads: Float64Array, exponentOf: (slope: number) => number): Hurst {
  if (!spreads.every((spread) => spread > 0)) return { kind: 'constant' }
  const { intercept, slope } = lineThrough(sizes.map(Math.log), spreads.map(Math.log))
  return { kind: 'measured', exponent: exponentOf(slope), intercept, slope, spreads, sizes }
}

function lineThrough(x: Float64Array, y: Float64Array) {
  const [meanX, meanY] = [meanOf(x), meanOf(y)]
  const centred = x.map((value) => value - meanX)
  const slope = innerProduct(centred, y) / innerProduct(centred, centred)
  return { slope, intercept: meanY - slope * meanX }
}

function blockMeans(steps: Float64Array, size: number): Float64Array {
  return Float64Array.from({ length: Math.floor(steps.length / size) }, (_, block) => {
    let sum = 0
    for (let i = 0; i < size; i++) sum += steps[block * size + i]
    return sum / size
  })
}

/** With n, not n − 1. */
function varianceOf(x: Float64Array): number {
  const mean = meanOf(x)
  return x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}
