/** [n] sin(a t²): a column that looks random, the same in every language, for numbers that another program worked out. */
export function exampleWave(n: number, a: number): Float64Array {
  return Float64Array.from({ length: n }, (_, t) => Math.sin(a * t * t))
}
