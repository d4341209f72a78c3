/** [n] x[t] − x[t−1], in the unit of `x`; NaN in row 0 and where either value is not observed. */
export function differences(x: Float64Array): Float64Array {
  const change = new Float64Array(x.length).fill(Number.NaN)
  for (let t = 1; t < x.length; t++) change[t] = x[t] - x[t - 1]
  return change
}

/** [n] x[t] / x[t−1] − 1, a fraction; NaN in row 0, beside a gap and after a value of 0. */
export function relativeChanges(x: Float64Array): Float64Array {
  const change = new Float64Array(x.length).fill(Number.NaN)
  for (let t = 1; t < x.length; t++) if (x[t - 1] !== 0) change[t] = x[t] / x[t - 1] - 1
  return change
}
