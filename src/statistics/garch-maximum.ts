import { constraintsOf, freeParameters, type GarchForm, slackOf, withinBounds } from './garch-form.ts'
import { type Along, openWorkspace, type Slope, slopeAt } from './garch-likelihood.ts'
import type { Point } from './garch-path.ts'
import type { ScaledChanges } from './garch-scale.ts'
import { furtherPoints, startingPoints } from './garch-starts.ts'
import { type Inequalities, solveQuadraticProgram } from './quadratic-program.ts'

export type Maximum =
  | { readonly kind: 'found'; readonly point: Point; readonly logLikelihood: number; readonly iterations: number }
  | { readonly kind: 'not-converged'; readonly iterations: number }

const MOST_ITERATIONS = 200
/** Units of log-likelihood that one more step promises; below the first the climb ends, below the second it may. */
const NEGLIGIBLE_GAIN = 1e-9
const ROUNDING_GAIN = 1e-6
/** Fraction of the promised gain that a step must keep. Source: Armijo (1966). */
const KEPT_GAIN = 1e-4
/** Keeps the information positive definite where the likelihood is flat. */
const RIDGE = 1e-9

/** Iterations until the curvature is learnt from the way climbed instead of expected. */
const EXPECTED_ITERATIONS = 8

/**
 * The parameters that maximise the likelihood of the scaled changes: the highest of the climbs from all starting
 * points, and from further ones where that top is low.
 * A climb is by scoring: each step maximises the quadratic model of the expected information within the constraints, and is
 * halved until it gains. Where the model fits ill, expected information misleads, so a long climb goes on with the
 * curvature that its own steps have shown.
 * Sources: Bollerslev (1986), Journal of Econometrics 31(3), section 5, with constraints as a quadratic program; Nocedal &
 * Wright (2006), Numerical Optimization, 6.1 (BFGS).
 */
export function maximiseLikelihood(scaled: ScaledChanges, form: GarchForm): Maximum {
  const workspace = openWorkspace(scaled.y.length)
  const climb: Climb = { scaled, form, free: freeParameters(form), workspace }
  const highest = highestFrom(startingPoints(scaled, form, workspace.path), climb)
  if (highest.kind === 'not-converged') return highest
  const further = furtherPoints(scaled, form, { point: highest.point, path: workspace.path })
  return further.length === 0 ? highest : higherOf(highest, highestFrom(further, climb))
}

function highestFrom(starts: readonly Point[], climb: Climb): Maximum {
  return starts.map((start) => climbFrom(start, climb)).reduce(higherOf)
}

function higherOf(one: Maximum, other: Maximum): Maximum {
  if (one.kind === 'not-converged') return other
  return other.kind === 'found' && other.logLikelihood > one.logLikelihood ? other : one
}

type Climb = Along & { readonly scaled: ScaledChanges; readonly form: GarchForm }

function climbFrom(start: Point, climb: Climb): Maximum {
  let at: Place = { point: start, slope: slopeAt(climb.scaled, start, climb) }
  let curvature = curvatureOf(at.slope)
  for (let iterations = 0; iterations < MOST_ITERATIONS; iterations++) {
    const step = solveQuadraticProgram(at.slope.gradient, curvature, inequalitiesAt(at.point, climb))
    if (step === undefined) return { kind: 'not-converged', iterations }
    const gain = inner(at.slope.gradient, step)
    const here: Maximum = { kind: 'found', point: at.point, logLikelihood: at.slope.logLikelihood, iterations }
    if (gain < NEGLIGIBLE_GAIN) return here
    const next = gainingPlace(at, { step, gain }, climb)
    if (next === undefined) return gain < ROUNDING_GAIN ? here : { kind: 'not-converged', iterations }
    curvature =
      iterations < EXPECTED_ITERATIONS ? curvatureOf(next.slope) : learntCurvature(curvature, { from: at, to: next }, climb)
    at = next
  }
  return { kind: 'not-converged', iterations: MOST_ITERATIONS }
}

type Place = { readonly point: Point; readonly slope: Slope }

/** Symmetric positive definite, [k][k]. */
type Curvature = readonly Float64Array[]

function curvatureOf({ information }: Slope): Curvature {
  return information.map((row, i) => row.map((value, j) => (i === j ? value + RIDGE * (1 + value) : value)))
}

type Leg = { readonly from: Place; readonly to: Place }

/** The curvature that explains how the gradient fell on the last step, else as before; as before where it did not fall. */
function learntCurvature(curvature: Curvature, { from, to }: Leg, { free }: Climb): Curvature {
  const step = Float64Array.from(free, (name) => to.point[name] - from.point[name])
  const fall = from.slope.gradient.map((slope, i) => slope - to.slope.gradient[i])
  const expected = Float64Array.from(curvature, (row) => inner(row, step))
  const [along, expectedAlong] = [inner(fall, step), inner(expected, step)]
  if (!(along > 1e-8 * expectedAlong)) return curvature
  return curvature.map((row, i) =>
    row.map((value, j) => value + (fall[i] * fall[j]) / along - (expected[i] * expected[j]) / expectedAlong),
  )
}

/** The constraints on a step from `point`. */
function inequalitiesAt(point: Point, { form, free }: Climb): Inequalities {
  const constraints = constraintsOf(form)
  return {
    rows: constraints.map(({ weights }) => Float64Array.from(free, (name) => weights[name] ?? 0)),
    bounds: Float64Array.from(constraints, (constraint) => Math.min(0, -slackOf(constraint, point))),
  }
}

type Ascent = { readonly step: Float64Array; readonly gain: number }

function gainingPlace({ point, slope }: Place, { step, gain }: Ascent, climb: Climb): Place | undefined {
  for (let fraction = 1; fraction > 1e-8; fraction /= 2) {
    const next = pointAt(point, { step, fraction, free: climb.free })
    const nextSlope = slopeAt(climb.scaled, next, climb)
    if (nextSlope.logLikelihood > slope.logLikelihood + KEPT_GAIN * fraction * gain) return { point: next, slope: nextSlope }
  }
  return undefined
}

type Move = { readonly step: Float64Array; readonly fraction: number; readonly free: readonly (keyof Point)[] }

function pointAt(point: Point, { step, fraction, free }: Move): Point {
  const moved = free.map((name, i) => [name, point[name] + fraction * step[i]])
  return withinBounds({ ...point, ...Object.fromEntries(moved) })
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0)
}
