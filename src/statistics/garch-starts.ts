import type { GarchForm } from './garch-form.ts'
import { logLikelihoodAt } from './garch-likelihood.ts'
import type { Path, Point } from './garch-path.ts'
import type { ScaledChanges } from './garch-scale.ts'

const NEWS = [0.01, 0.05, 0.1, 0.2]
const PERSISTENCES = [0.5, 0.7, 0.9, 0.98]
const STARTING_TAIL = 1 / 8
const SEVERAL_NEWS = [0.01, 0.05, 0.2]
const SEVERAL_PERSISTENCES = [0.1, 0.6, 0.9, 0.995]
/** Climbs cost time: so many of the further points are worth it, the highest. */
const MOST_FURTHER = 6
/** Units of log-likelihood that clustering must explain for its hill to be the only one. */
const CLEAR_GAIN = 30
/** First autocorrelation from which the rows look like levels. */
const LEVELS = 0.5
const QUANTILES = 20

/**
 * Points to climb from: every one of a grid of weights that no neighbour beats. Where the rows look like levels rather than
 * changes, the likelihood has a hill near each level that they dwell at, so for a fitted mean also every quantile of the
 * rows that no neighbour beats as the mean.
 */
export function startingPoints(scaled: ScaledChanges, form: GarchForm, path: Path): readonly Point[] {
  const heightOf = (point: Point) => logLikelihoodAt(scaled, point, path)
  const grid = NEWS.map((news) => PERSISTENCES.map((persistence) => pointFor(form, { mu: scaled.centre, news, persistence })))
  const heights = grid.map((row) => row.map(heightOf))
  const peaks = grid.flatMap((row, i) => row.filter((_, j) => isPeak(heights, i, j)))
  return form.mean === 'constant' && looksLikeLevels(scaled) ? [...peaks, ...levelPeaks(scaled, form, heightOf)] : peaks
}

/**
 * More points to climb from where `point`, the top of a hill, explains hardly more than a constant variance does: the
 * likelihood is then flat, and low hills stand far apart. None where the variance clearly clusters.
 */
export function furtherPoints(scaled: ScaledChanges, form: GarchForm, { point, path }: Top): readonly Point[] {
  const { alpha, gamma, beta, omega } = point
  const persistence = alpha + 0.5 * gamma + beta
  const constant = { ...point, omega: persistence < 1 ? omega / (1 - persistence) : 1, alpha: 0, gamma: 0, beta: 0 }
  const gain = logLikelihoodAt(scaled, point, path) - logLikelihoodAt(scaled, constant, path)
  if (gain > CLEAR_GAIN) return []
  // How much of the weight goes to falls alone: all of it to rises, half or all to falls.
  const tilts = form.model === 'gjr' ? [-1, 0.5, 1] : [0]
  const points = SEVERAL_PERSISTENCES.flatMap((level) =>
    SEVERAL_NEWS.filter((news) => news < level).flatMap((news) => tilts.map((tilt) => tilted(point, { news, level, tilt }))),
  )
  return points
    .map((start) => ({ start, height: logLikelihoodAt(scaled, start, path) }))
    .sort((one, other) => other.height - one.height)
    .slice(0, MOST_FURTHER)
    .map(({ start }) => start)
}

type Top = { readonly point: Point; readonly path: Path }

function tilted(point: Point, { news, level, tilt }: Record<'news' | 'level' | 'tilt', number>): Point {
  const alpha = tilt < 0 ? news : (1 - tilt) * news
  const gamma = tilt < 0 ? -news : 2 * (news - alpha)
  return { ...point, omega: 1 - level, alpha, gamma, beta: level - alpha - 0.5 * gamma }
}

/** The weight of news, half of it on falls alone where they have a weight of their own, and a variance of 1 in the long run. */
function pointFor({ model, innovations }: GarchForm, { mu, news, persistence }: Record<'mu' | 'news' | 'persistence', number>) {
  const alpha = model === 'gjr' ? 0.5 * news : news
  const tail = innovations === 't' ? STARTING_TAIL : 0
  return { mu, omega: 1 - persistence, alpha, gamma: 2 * (news - alpha), beta: persistence - news, tail }
}

function isPeak(heights: readonly (readonly number[])[], row: number, column: number): boolean {
  const around = [-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => heights[row + i]?.[column + j] ?? Number.NEGATIVE_INFINITY))
  return heights[row][column] >= Math.max(...around)
}

function looksLikeLevels({ y, centre }: ScaledChanges): boolean {
  let product = 0
  for (let t = 1; t < y.length; t++) product += (y[t] - centre) * (y[t - 1] - centre)
  return product > LEVELS * y.length
}

function levelPeaks({ y }: ScaledChanges, form: GarchForm, heightOf: (point: Point) => number): readonly Point[] {
  const sorted = y.toSorted()
  const points = Array.from({ length: QUANTILES + 1 }, (_, i) =>
    pointFor(form, { mu: sorted[Math.round((i / QUANTILES) * (y.length - 1))], news: 0.9, persistence: 0.98 }),
  )
  const heights = [points.map(heightOf)]
  return points.filter((_, i) => isPeak(heights, 0, i))
}
