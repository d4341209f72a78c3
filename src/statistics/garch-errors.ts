import { centreOf, type FittedGarch, pointOf } from './garch.ts'
import { type Constraint, freeParameters } from './garch-form.ts'
import { openWorkspace, scoresAt, slopeAt } from './garch-likelihood.ts'
import type { Point } from './garch-path.ts'
import { type ScaledChanges, scaleChanges } from './garch-scale.ts'
import { innerProduct } from './inner-product.ts'

/** One fitted parameter, in the caller's unit. */
export type GarchError = {
  readonly parameter: 'mu' | 'omega' | 'alpha' | 'gamma' | 'beta' | 'nu'
  readonly estimate: number
  /** Right whatever the innovations are. Source: Bollerslev & Wooldridge (1992), Econometric Reviews 11(2), 143–172. */
  readonly robust: number
  /** Right when the innovations are as assumed. */
  readonly classic: number
}

export type GarchErrors =
  | { readonly kind: 'estimated'; readonly errors: readonly GarchError[] }
  /** The maximum leans on these constraints, where the likelihood need not be level and an error has no meaning. */
  | { readonly kind: 'at-bound'; readonly bounds: readonly Constraint['name'][] }
  /** The likelihood is flat in some direction: the changes do not tell the parameters apart. */
  | { readonly kind: 'not-identified' }

/** Relative width of the differences of the gradient, and the magnitude below which they are absolute. */
const NUDGE = 1e-4
const LEAST_MAGNITUDE = 1e-2

/**
 * Standard errors of a fit from the changes [n] that it was fitted to: H⁻¹ S H⁻¹ (robust) and H⁻¹ (classic), with H the
 * Hessian of −ln L, by differences of the analytic gradient, and S the sum of squares of the rows' scores about their mean.
 */
export function garchErrors(changes: Float64Array, fit: FittedGarch): GarchErrors {
  if (fit.atBound.length > 0) return { kind: 'at-bound', bounds: fit.atBound }
  const scaled = scaleChanges(changes, centreOf(changes, fit.form.mean))
  const free = freeParameters(fit.form)
  const spot: Spot = { scaled, point: pointOf(fit, scaled), free }
  const inverse = inverseOf(hessianAt(spot))
  if (!inverse?.every((row, i) => row[i] > 0)) return { kind: 'not-identified' }
  const robust = sandwich(inverse, scoreProducts(spot))
  const errors = free.map((name, i) => {
    const { parameter, estimate, unit } = inCallersUnit(name, fit, scaled)
    return { parameter, estimate, robust: unit * Math.sqrt(robust[i][i]), classic: unit * Math.sqrt(inverse[i][i]) }
  })
  return { kind: 'estimated', errors }
}

type Spot = { readonly scaled: ScaledChanges; readonly point: Point; readonly free: readonly (keyof Point)[] }
type Matrix = readonly Float64Array[]

function hessianAt({ scaled, point, free }: Spot): Matrix {
  const workspace = openWorkspace(scaled.y.length)
  const rows = free.map((name) => {
    const width = NUDGE * Math.max(name === 'omega' || name === 'tail' ? 0 : LEAST_MAGNITUDE, Math.abs(point[name]))
    const gradientAt = (by: number) => slopeAt(scaled, { ...point, [name]: point[name] + by }, { free, workspace }).gradient
    const [above, below] = [gradientAt(width), gradientAt(-width)]
    return above.map((value, j) => (below[j] - value) / (2 * width))
  })
  return rows.map((row, i) => row.map((value, j) => 0.5 * (value + rows[j][i])))
}

/** n/(n−1) Σ (s − s̄)(s − s̄)′. */
function scoreProducts({ scaled, point, free }: Spot): Matrix {
  const n = scaled.y.length
  const centred = scoresAt(scaled, point, { free, workspace: openWorkspace(n) }).map((scores) => {
    const mean = scores.reduce((sum, score) => sum + score, 0) / n
    return scores.map((score) => score - mean)
  })
  return centred.map((one) => Float64Array.from(centred, (other) => (innerProduct(one, other) * n) / (n - 1)))
}

function sandwich(bread: Matrix, filling: Matrix): Matrix {
  return product(product(bread, filling), bread)
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)))
}

/** The inverse by Gauss–Jordan elimination with pivoting, after scaling to a unit diagonal; undefined where singular. */
function inverseOf(matrix: Matrix): Matrix | undefined {
  const k = matrix.length
  const root = matrix.map((row, i) => Math.sqrt(row[i]))
  if (!root.every((value) => value > 0)) return undefined
  const rows = matrix.map((row, i) =>
    Float64Array.from({ length: 2 * k }, (_, j) => (j < k ? row[j] / (root[i] * root[j]) : Number(i === j - k))),
  )
  for (let j = 0; j < k; j++) {
    const pivot = rows.reduce((best, row, i) => (i >= j && Math.abs(row[j]) > Math.abs(rows[best][j]) ? i : best), j)
    ;[rows[j], rows[pivot]] = [rows[pivot], rows[j]]
    if (Math.abs(rows[j][j]) < 1e-12) return undefined
    rows[j] = rows[j].map((value) => value / rows[j][j])
    for (let i = 0; i < k; i++) if (i !== j) rows[i] = rows[i].map((value, c) => value - rows[i][j] * rows[j][c])
  }
  return rows.map((row, i) => row.slice(k).map((value, j) => value / (root[i] * root[j])))
}

/** The name and value that the caller knows, and how many of its units one of ours is; ν moves by ν² where 1/ν moves by 1. */
function inCallersUnit(name: keyof Point, fit: FittedGarch, { scale }: ScaledChanges) {
  if (name === 'tail') {
    const nu = fit.innovations.kind === 't' ? fit.innovations.nu : Number.POSITIVE_INFINITY
    return { parameter: 'nu', estimate: nu, unit: nu * nu } as const
  }
  const unit = name === 'mu' ? scale : name === 'omega' ? scale * scale : 1
  return { parameter: name, estimate: fit[name], unit } as const
}
