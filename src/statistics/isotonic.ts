/** A step function that never falls: `values[i]` on [from[i], until[i]], straight lines between, level beyond both ends. */
export type IsotonicSteps = {
  readonly from: readonly number[]
  readonly until: readonly number[]
  readonly values: readonly number[]
}

type Block = { from: number; until: number; sum: number; count: number }

/**
 * The never-falling function of x nearest to y in squares, by pooling adjacent violators. `x`, `y`: [n >= 1] finite, any
 * order, any unit; rows of one x count as their mean. The values lie between the smallest and the largest y. Throws RangeError
 * for none.
 * Source: Ayer, Brunk, Ewing, Reid & Silverman (1955), Annals of Mathematical Statistics 26(4), 641–647; checked against
 * scikit-learn, `IsotonicRegression`.
 */
export function isotonic(x: Float64Array, y: ArrayLike<number>): IsotonicSteps {
  if (x.length === 0) throw new RangeError('an isotonic regression needs a row')
  const order = Uint32Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b])
  const blocks: Block[] = []
  for (const i of order) {
    const last = blocks.at(-1)
    if (last?.from === x[i] && last.until === x[i]) {
      last.sum += y[i]
      last.count++
    } else {
      pool(blocks)
      blocks.push({ from: x[i], until: x[i], sum: y[i], count: 1 })
    }
  }
  pool(blocks)
  return {
    from: blocks.map(({ from }) => from),
    until: blocks.map(({ until }) => until),
    values: blocks.map(({ sum, count }) => sum / count),
  }
}

/** Joins the last block with those before it as long as it lies no higher than they do. */
function pool(blocks: Block[]): void {
  let last = blocks.pop()
  if (last === undefined) return
  for (let before = blocks.at(-1); before && before.sum / before.count >= last.sum / last.count; before = blocks.at(-1)) {
    blocks.pop()
    last = { from: before.from, until: last.until, sum: before.sum + last.sum, count: before.count + last.count }
  }
  blocks.push(last)
}

/** The function at `x`; NaN for NaN. */
export function isotonicAt({ from, until, values }: IsotonicSteps, x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  const at = from.findLastIndex((start) => start <= x)
  if (at < 0) return values[0]
  if (x <= until[at] || at === values.length - 1) return values[at]
  return values[at] + ((x - until[at]) / (from[at + 1] - until[at])) * (values[at + 1] - values[at])
}
