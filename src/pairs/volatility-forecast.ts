import { filterGarch } from '#statistics/garch.ts'
import { normalCdf } from '#statistics/special.ts'
import { type ScorePart, scored, unscored } from './score-part.ts'
import { correctedChanges, type FittedSpreadModel } from './spread-model.ts'

/**
 * How sure it is that the model forecasts the next bar's variance better than a constant does, in [0, 1]: Φ of the
 * Diebold–Mariano statistic of the two forecasts' losses on the rows from `from` on; one half where neither is better. Both are known
 * before: GARCH(1,1) with the parameters of the rows before `from`, and those rows' mean square. The loss of a variance h where e² came
 * is QLIKE, ln h + e²/h, which ranks forecasts as the true variance would although e² is a noisy stand-in for it.
 * `spread`: [n] finite, the model's rows first. Undefined for fewer than two rows, and where the losses do not differ.
 * Sources: Diebold & Mariano (1995), Journal of Business & Economic Statistics 13(3); Patton (2011), Journal of Econometrics 160(1).
 */
export function volatilityForecast(spread: Float64Array, from: number, { correction, variance }: FittedSpreadModel): ScorePart {
  const changes = correctedChanges(spread, correction)
  const { volatility } = filterGarch(changes, variance)
  const before = changes.subarray(0, from - 1)
  const constant = before.reduce((sum, e) => sum + e * e, 0) / before.length
  const advantage = new Float64Array(changes.length - before.length)
  for (let i = 0; i < advantage.length; i++) {
    const t = before.length + i
    const square = changes[t] * changes[t]
    advantage[i] = lossOf(constant, square) - lossOf(volatility[t] * volatility[t], square)
  }
  if (advantage.length < 2) return unscored('too-short')
  const { mean, error } = meanWithError(advantage)
  return error > 0 ? scored(normalCdf(mean / error)) : unscored('no-variation')
}

function lossOf(variance: number, square: number): number {
  return Math.log(variance) + square / variance
}

/**
 * The mean and its standard error under autocorrelation, with Bartlett's weights up to lag ⌊4 (n/100)^(2/9)⌋.
 * Source: Newey & West (1987), Econometrica 55(3), 703–708; (1994), Review of Economic Studies 61(4) for the lag.
 */
function meanWithError(x: Float64Array): { readonly mean: number; readonly error: number } {
  const n = x.length
  const mean = x.reduce((sum, value) => sum + value, 0) / n
  const lags = Math.min(n - 1, Math.floor(4 * (n / 100) ** (2 / 9)))
  let longRun = 0
  for (let k = 0; k <= lags; k++) {
    let covariance = 0
    for (let t = k; t < n; t++) covariance += (x[t] - mean) * (x[t - k] - mean)
    longRun += (k === 0 ? 1 : 2 * (1 - k / (lags + 1))) * (covariance / n)
  }
  return { mean, error: Math.sqrt(Math.max(0, longRun) / n) }
}
