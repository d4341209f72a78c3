import { fitGarch } from '#statistics/garch.ts'
import type { VarianceModel } from './pair-model.ts'

/**
 * The variance model of a spread's changes (NaN where one touches a gap; these are left out): GARCH(1,1) with a constant
 * mean, or one variance for all bars when the fit fails, with the reason. Undefined when the changes do not vary at all
 * or there are fewer than two.
 */
export function fitVariance(changes: Float64Array): VarianceModel | undefined {
  const observed = changes.filter(Number.isFinite)
  const fit = fitGarch(observed, { mean: 'constant' })
  if (fit.kind === 'fitted') {
    const { mu, omega, alpha, beta, initialVariance } = fit
    return { kind: 'garch', parameters: { mu, omega, alpha, beta, initialVariance } }
  }
  const mu = observed.reduce((sum, change) => sum + change, 0) / observed.length
  const variance = observed.reduce((sum, change) => sum + (change - mu) ** 2, 0) / observed.length
  if (!(variance > 0)) return undefined
  const parameters = { mu, omega: variance, alpha: 0, beta: 0, initialVariance: variance }
  return { kind: 'constant', parameters, why: `GARCH(1,1): ${fit.kind}` }
}
