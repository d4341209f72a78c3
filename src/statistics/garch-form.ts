import type { Point } from './garch-path.ts'

/** What the changes are measured from: a mean that is fitted, or 0. */
export type GarchMean = 'constant' | 'zero'

/** `gjr` gives a fall a weight of its own. Source: Glosten, Jagannathan & Runkle (1993), Journal of Finance 48(5). */
export type GarchModel = 'garch' | 'gjr'

export type GarchForm = { readonly mean: GarchMean; readonly model: GarchModel; readonly innovations: 'normal' | 't' }

/** The parameters that are fitted, in order. */
export function freeParameters({ mean, model, innovations }: GarchForm): readonly (keyof Point)[] {
  return [
    ...(mean === 'constant' ? (['mu'] as const) : []),
    'omega',
    'alpha',
    ...(model === 'gjr' ? (['gamma'] as const) : []),
    'beta',
    ...(innovations === 't' ? (['tail'] as const) : []),
  ]
}

/** Σ weights · parameters >= atLeast. */
export type Constraint = {
  readonly name: 'omega' | 'alpha' | 'beta' | 'alpha + gamma' | 'persistence' | 'nu'
  readonly weights: Partial<Point>
  readonly atLeast: number
}

/** Degrees of freedom lie within; at the upper end the innovations are as good as normal. As arch 6.2.0. */
const LEAST_NU = 2.05
const MOST_NU = 500
const LEAST_OMEGA = 1e-8
/** A constraint met this closely holds as an equality. */
const AT_BOUND = 1e-9

const COMMON: readonly Constraint[] = [
  { name: 'omega', weights: { omega: 1 }, atLeast: LEAST_OMEGA },
  { name: 'alpha', weights: { alpha: 1 }, atLeast: 0 },
  { name: 'beta', weights: { beta: 1 }, atLeast: 0 },
  { name: 'persistence', weights: { alpha: -1, gamma: -0.5, beta: -1 }, atLeast: -1 },
]
const GJR: readonly Constraint[] = [
  { name: 'alpha', weights: { alpha: -1 }, atLeast: -1 },
  { name: 'alpha + gamma', weights: { alpha: 1, gamma: 1 }, atLeast: 0 },
]
const STUDENT: readonly Constraint[] = [
  { name: 'nu', weights: { tail: 1 }, atLeast: 1 / MOST_NU },
  { name: 'nu', weights: { tail: -1 }, atLeast: -1 / LEAST_NU },
]

/** ω >= 1e-8 squared deviations, α, β, α + γ >= 0, α + γ/2 + β <= 1 and ν in [2.05, 500]. */
export function constraintsOf({ model, innovations }: GarchForm): readonly Constraint[] {
  return [...COMMON, ...(model === 'gjr' ? GJR : []), ...(innovations === 't' ? STUDENT : [])]
}

const NAMES: readonly (keyof Point)[] = ['mu', 'omega', 'alpha', 'gamma', 'beta', 'tail']

/** How far inside a constraint the point lies; 0 on it. */
export function slackOf({ weights, atLeast }: Constraint, point: Point): number {
  return NAMES.reduce((sum, name) => sum + (weights[name] ?? 0) * point[name], -atLeast)
}

/** The constraints that hold as equalities at the point. */
export function boundsMet(form: GarchForm, point: Point): readonly Constraint['name'][] {
  return constraintsOf(form)
    .filter((constraint) => slackOf(constraint, point) <= AT_BOUND)
    .map(({ name }) => name)
}

/** The point with the rounding that breaks a constraint taken off. */
export function withinBounds(point: Point): Point {
  const alpha = Math.min(1, Math.max(0, point.alpha))
  const gamma = Math.max(-alpha, point.gamma)
  const beta = Math.min(1 - alpha - 0.5 * gamma, Math.max(0, point.beta))
  const tail = point.tail === 0 ? 0 : Math.min(1 / LEAST_NU, Math.max(1 / MOST_NU, point.tail))
  return { mu: point.mu, omega: Math.max(LEAST_OMEGA, point.omega), alpha, gamma, beta, tail }
}
