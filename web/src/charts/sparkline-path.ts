/**
 * An SVG path through `values` in a box of `values.length - 1` by `height`, the lowest value at its bottom, the highest at
 * its top; a level line runs through the middle. Nothing is drawn across a null: a value between two nulls is a dot.
 * Empty when every value is null.
 */
export function sparklinePath(values: readonly (number | null)[], height: number): string {
  const known = values.filter((value) => value !== null)
  const [lowest, highest] = [Math.min(...known), Math.max(...known)]
  const yOf = (value: number) => (highest === lowest ? height / 2 : (height * (highest - value)) / (highest - lowest))
  return values.map((value, i) => (value === null ? '' : stroke(i, yOf(value), values[i - 1] ?? null))).join('')
}

/** A line from the value before, else a new beginning; its stroke of no length draws a dot should nothing follow. */
function stroke(x: number, y: number, before: number | null): string {
  const point = `${x} ${y.toFixed(2)}`
  return before === null ? `M${point}h0` : `L${point}`
}
