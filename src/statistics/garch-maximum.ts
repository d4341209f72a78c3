import { logLikelihoodAt, type Point, type ScaledChanges, type Slope, slopeAt } from './garch-likelihood.ts'
import { solveQuadraticProgram } from './quadratic-program.ts'

export type GarchMean = 'constant' | 'zero'

export type Maximum =
  | { readonly kind: 'found'; readonly point: Point; readonly iterations: number }
  | { readonly kind: 'not-converged'; readonly iterations: number }

const MOST_ITERATIONS = 200
/** Units of log-likelihood that one more step promises; below the first the climb ends, below the second it may. */
const NEGLIGIBLE_GAIN = 1e-9
const ROUNDING_GAIN = 1e-6
/** Fraction of the promised gain that a step must keep. Source: Armijo (1966). */
const KEPT_GAIN = 1e-4
/** Keeps the information positive definite where the likelihood is flat. */
const RIDGE = 1e-9

/** omega >= 1e-8, alpha >= 0, beta >= 0, alpha + beta <= 1, in units of the deviation. */
const CONSTRAINTS = [
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
  [0, 0, -1, -1],
].map((row) => Float64Array.from(row))
const CONSTRAINT_BOUNDS = [1e-8, 0, 0, -1]

/**
 * The parameters that maximise the likelihood of the scaled changes, by scoring from the best of a grid: each step
 * maximises the quadratic model of the expected information within the constraints, and is halved until it gains.
 * `centre`: the mean that the climb starts from, held there for a zero mean.
 * Source: Bollerslev (1986), Journal of Econometrics 31(3), section 5, with constraints as a quadratic program.
 */
export function maximiseLikelihood(
  scaled: ScaledChanges,
  { centre, mean }: { readonly centre: number; readonly mean: GarchMean },
): Maximum {
  let point = startingPoint(scaled, centre)
  for (let iterations = 0; iterations < MOST_ITERATIONS; iterations++) {
    const slope = slopeAt(scaled, point)
    const step = stepFrom(point, slope, mean)
    if (step === undefined) return { kind: 'not-converged', iterations }
    const gain = inner(slope.gradient, step)
    if (gain < NEGLIGIBLE_GAIN) return { kind: 'found', point, iterations }
    const next = gainingPoint(scaled, point, { step, gain, logLikelihood: slope.logLikelihood })
    if (next === undefined)
      return gain < ROUNDING_GAIN ? { kind: 'found', point, iterations } : { kind: 'not-converged', iterations }
    point = next
  }
  return { kind: 'not-converged', iterations: MOST_ITERATIONS }
}

function startingPoint(scaled: ScaledChanges, centre: number): Point {
  const grid = [0.01, 0.05, 0.1, 0.2].flatMap((alpha) =>
    [0.5, 0.7, 0.9, 0.98].map((persistence): Point => [centre, 1 - persistence, alpha, persistence - alpha]),
  )
  const logLikelihoods = grid.map((point) => logLikelihoodAt(scaled, point))
  return grid[logLikelihoods.indexOf(Math.max(...logLikelihoods))]
}

function stepFrom(point: Point, { gradient, information }: Slope, mean: GarchMean): Float64Array | undefined {
  information.forEach((row, i) => {
    row[i] += RIDGE * (1 + row[i])
  })
  if (mean === 'zero') {
    gradient[0] = 0
    for (const i of [1, 2, 3]) information[0][i] = information[i][0] = 0
  }
  const bounds = Float64Array.from(CONSTRAINT_BOUNDS, (bound, c) => Math.min(0, bound - inner(CONSTRAINTS[c], point)))
  return solveQuadraticProgram(gradient, information, { rows: CONSTRAINTS, bounds })
}

type Promise_ = { readonly step: Float64Array; readonly gain: number; readonly logLikelihood: number }

function gainingPoint(scaled: ScaledChanges, point: Point, { step, gain, logLikelihood }: Promise_): Point | undefined {
  for (let fraction = 1; fraction > 1e-8; fraction /= 2) {
    const next = pointAt(point, step, fraction)
    if (logLikelihoodAt(scaled, next) > logLikelihood + KEPT_GAIN * fraction * gain) return next
  }
  return undefined
}

/** On the segment, with the rounding of the constraints taken off. */
function pointAt([mu, omega, alpha, beta]: Point, step: Float64Array, fraction: number): Point {
  const nextAlpha = Math.max(0, alpha + fraction * step[2])
  const nextBeta = Math.min(1 - nextAlpha, Math.max(0, beta + fraction * step[3]))
  return [mu + fraction * step[0], Math.max(CONSTRAINT_BOUNDS[0], omega + fraction * step[1]), nextAlpha, nextBeta]
}

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0)
}
