/** Σ a[i] b[i] over the rows of `a`, in four partial sums, so that additions need not wait for one another. */
export function innerProduct(a: Float64Array, b: Float64Array): number {
  const n = a.length
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = 0
  for (; i + 3 < n; i += 4) {
    s0 += a[i] * b[i]
    s1 += a[i + 1] * b[i + 1]
    s2 += a[i + 2] * b[i + 2]
    s3 += a[i + 3] * b[i + 3]
  }
  for (; i < n; i++) s0 += a[i] * b[i]
  return s0 + s1 + (s2 + s3)
}
