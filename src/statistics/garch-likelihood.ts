import {
  emptyInnovationSlopes,
  fillInnovationSlopes,
  type InnovationSlopes,
  logDensity,
  rowInformation,
} from './garch-innovations.ts'
import { emptyPath, emptyPathSlopes, fillPath, fillSlopes, type Path, type PathSlopes, type Point } from './garch-path.ts'
import type { ScaledChanges } from './garch-scale.ts'
import { innerProduct } from './inner-product.ts'

/** Room for one evaluation at a time of changes of one length, so that a climb allocates no columns. */
export type Workspace = { readonly path: Path; readonly slopes: PathSlopes; readonly innovations: InnovationSlopes }

export function openWorkspace(rows: number): Workspace {
  return { path: emptyPath(rows), slopes: emptyPathSlopes(rows), innovations: emptyInnovationSlopes(rows) }
}

/** Log-likelihood of the scaled changes at `point`; fills the path. */
export function logLikelihoodAt(changes: ScaledChanges, point: Point, path: Path): number {
  fillPath(path, changes, point)
  return logDensity(path, point.tail)
}

/** Log-likelihood, its gradient by the free parameters [k] and their expected information [k][k], positive semi-definite. */
export type Slope = {
  readonly logLikelihood: number
  readonly gradient: Float64Array
  readonly information: readonly Float64Array[]
}

/** Slope of the likelihood at `point`, by the parameters `free`. */
export function slopeAt(changes: ScaledChanges, point: Point, { free, workspace }: Along): Slope {
  const { path, slopes, innovations } = workspace
  fillSlopes(path, slopes, { changes, point })
  fillInnovationSlopes(innovations, path, point.tail)
  const gradient = Float64Array.from(free, (name) => gradientBy(name, workspace))
  const row = rowInformation(point.tail)
  const information = free.map(() => new Float64Array(free.length))
  free.forEach((one, i) => {
    for (let j = 0; j <= i; j++) {
      const other = free[j]
      information[i][j] = information[j][i] = informationOf(one, other)
    }
  })
  return { logLikelihood: logDensity(path, point.tail), gradient, information }

  function informationOf(one: keyof Point, other: keyof Point): number {
    if (one === 'tail') {
      return other === 'tail' ? row.tail * changes.y.length : row.logVarianceAndTail * sumOf(slopes[other])
    }
    if (other === 'tail') return informationOf(other, one)
    const shared = row.logVariance * innerProduct(slopes[one], slopes[other])
    return one === 'mu' && other === 'mu' ? shared + row.surprise * precisionOf(path) : shared
  }
}

/** Which parameters a slope is taken by. */
export type Along = { readonly free: readonly (keyof Point)[]; readonly workspace: Workspace }

function gradientBy(name: keyof Point, { slopes, innovations }: Workspace): number {
  if (name === 'tail') return sumOf(innovations.tail)
  const byVariance = innerProduct(slopes[name], innovations.logVariance)
  return name === 'mu' ? byVariance + sumOf(innovations.surprise) : byVariance
}

function sumOf(column: Float64Array): number {
  let sum = 0
  for (let t = 0; t < column.length; t++) sum += column[t]
  return sum
}

function precisionOf({ variance }: Path): number {
  let sum = 0
  for (let t = 0; t < variance.length; t++) sum += 1 / variance[t]
  return sum
}

/** Each row's share of the gradient by the free parameters at `point`: [k][n]. */
export function scoresAt(changes: ScaledChanges, point: Point, { free, workspace }: Along): Float64Array[] {
  const { path, slopes, innovations } = workspace
  fillSlopes(path, slopes, { changes, point })
  fillInnovationSlopes(innovations, path, point.tail)
  return free.map((name) => {
    if (name === 'tail') return innovations.tail.slice()
    const byVariance = slopes[name].map((slope, t) => slope * innovations.logVariance[t])
    return name === 'mu' ? byVariance.map((score, t) => score + innovations.surprise[t]) : byVariance
  })
}
