/** Of the log odds. */
export type Line = { readonly slope: number; readonly intercept: number }

type Slope = Line & { readonly height: number }

/**
 * The line whose logistic function is likeliest for labels 0 or 1 at `x`, [n] finite, both classes there; labels count as (n₁
 * + 1)/(n₁ + 2) and 1/(n₀ + 2), so that classes that x parts wholly still give a finite line. Newton's method with halved
 * steps on a convex function.
 * Source: Platt (1999) as corrected by Lin, Lin & Weng (2007), Machine Learning 68(3), 267–276; checked against scikit-learn.
 */
export function sigmoidFit(labels: ArrayLike<number>, x: Float64Array): Line {
  const positives = Array.from(labels).filter((label) => label === 1).length
  const negatives = x.length - positives
  const targets = x.map((_, i) => (labels[i] === 1 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2)))
  const lossAt = (line: Line) => x.reduce((sum, value, i) => sum + lossOf(line.slope * value + line.intercept, targets[i]), 0)
  const start = { slope: 0, intercept: Math.log((positives + 1) / (negatives + 1)) }
  let line: Slope = { ...start, height: lossAt(start) }
  for (let round = 0; round < 100; round++) {
    const next = better(line, newtonStep(line, x, targets), lossAt)
    if (next === undefined) break
    line = next
  }
  return { slope: line.slope, intercept: line.intercept }
}

/** −t ln p − (1 − t) ln(1 − p) at log odds z, without overflow. */
function lossOf(z: number, target: number): number {
  return Math.max(z, 0) - target * z + Math.log1p(Math.exp(-Math.abs(z)))
}

function newtonStep({ slope, intercept }: Line, x: Float64Array, targets: Float64Array): Line {
  // A little curvature keeps the step finite where every probability is near 0 or 1.
  let [h11, h22, h21, g1, g2] = [1e-12, 1e-12, 0, 0, 0]
  x.forEach((value, i) => {
    const p = 1 / (1 + Math.exp(-(slope * value + intercept)))
    const [weight, error] = [p * (1 - p), p - targets[i]]
    h11 += value * value * weight
    h22 += weight
    h21 += value * weight
    g1 += value * error
    g2 += error
  })
  const determinant = h11 * h22 - h21 * h21
  return { slope: -(h22 * g1 - h21 * g2) / determinant, intercept: -(h11 * g2 - h21 * g1) / determinant }
}

/** The first of whole, half, quarter … steps that lowers the loss; undefined where none does: it is the lowest. */
function better(line: Slope, step: Line, lossAt: (line: Line) => number): Slope | undefined {
  for (let share = 1; share > 1e-10; share /= 2) {
    const tried = { slope: line.slope + share * step.slope, intercept: line.intercept + share * step.intercept }
    const height = lossAt(tried)
    if (height < line.height) return { ...tried, height }
  }
  return undefined
}
