/** rows · d >= bounds, row by row. */
export type Inequalities = { readonly rows: readonly Float64Array[]; readonly bounds: Float64Array }

const TOLERANCE = 1e-12

/**
 * The step d that maximises g′d − ½ d′Hd within linear inequalities, or undefined where none is found. Meant for a
 * handful of inequalities: tries every set of them as equalities, smallest first, and takes the first whose solution
 * breaks no other one and whose multipliers are not negative; that one is the maximum, since H is positive definite.
 * `g`: [k]. `h`: [k][k] symmetric positive definite. d = 0 must satisfy the inequalities.
 * Source: Nocedal & Wright (2006), Numerical Optimization, chapter 16.
 */
export function solveQuadraticProgram(
  g: Float64Array,
  h: readonly Float64Array[],
  inequalities: Inequalities,
): Float64Array | undefined {
  const count = inequalities.rows.length
  for (let size = 0; size <= Math.min(count, g.length); size++) {
    for (let mask = 0; mask < 1 << count; mask++) {
      const active = inequalities.rows.map((_, i) => i).filter((i) => mask & (1 << i))
      if (active.length !== size) continue
      const step = stepWith(active, { g, h, inequalities })
      if (step) return step
    }
  }
  return undefined
}

type Program = { readonly g: Float64Array; readonly h: readonly Float64Array[]; readonly inequalities: Inequalities }

/** The stationary step on the active equalities, where it is the maximum. */
function stepWith(active: readonly number[], { g, h, inequalities: { rows, bounds } }: Program): Float64Array | undefined {
  const k = g.length
  const system = [
    ...h.map((row, i) => Float64Array.of(...row, ...active.map((c) => -rows[c][i]), g[i])),
    ...active.map((c) => Float64Array.of(...rows[c], ...active.map(() => 0), bounds[c])),
  ]
  const solution = solveLinear(system)
  if (!solution?.subarray(k).every((multiplier) => multiplier >= -TOLERANCE)) return undefined
  const step = solution.slice(0, k)
  const isWithin = rows.every((row, c) => row.reduce((sum, a, i) => sum + a * step[i], 0) >= bounds[c] - TOLERANCE)
  return isWithin ? step : undefined
}

/** Gaussian elimination with partial pivoting on rows [A | b]; undefined where A is singular. */
function solveLinear(system: readonly Float64Array[]): Float64Array | undefined {
  const rows = [...system]
  const n = rows.length
  for (let j = 0; j < n; j++) {
    let pivot = j
    for (let i = j + 1; i < n; i++) if (Math.abs(rows[i][j]) > Math.abs(rows[pivot][j])) pivot = i
    if (Math.abs(rows[pivot][j]) < Number.MIN_VALUE * 1e20) return undefined
    ;[rows[j], rows[pivot]] = [rows[pivot], rows[j]]
    for (let i = j + 1; i < n; i++) {
      const factor = rows[i][j] / rows[j][j]
      for (let c = j; c <= n; c++) rows[i][c] -= factor * rows[j][c]
    }
  }
  const solution = new Float64Array(n)
  for (let j = n - 1; j >= 0; j--) {
    let sum = rows[j][n]
    for (let c = j + 1; c < n; c++) sum -= rows[j][c] * solution[c]
    solution[j] = sum / rows[j][j]
  }
  return solution.every(Number.isFinite) ? solution : undefined
}
