import { ljungBox } from '#statistics/autocorrelation.ts'
import type { SplitSpread } from './out-of-sample.ts'
import { recentBacktest } from './recent-backtest.ts'
import { type ScorePart, type ScoreParts, scored, unscored } from './score-part.ts'
import { type FittedSpreadModel, fitSpreadModel } from './spread-model.ts'
import { volatilityForecast } from './volatility-forecast.ts'
import type { ZScoreRule } from './z-score-rule.ts'

const WEIGHTS: Readonly<Record<keyof ScoreParts, number>> = {
  fit: 0.4,
  volatilityForecast: 0.3,
  recentBacktest: 0.2,
  residualDiagnostics: 0.1,
}
/** Lags of the tests on residuals, and the p-value at which one has nothing to object to. */
const LAGS = 10
const UNOBJECTIONABLE = 0.05

/**
 * The composite score, in [0, 1]: 0.4 fit + 0.3 volatility forecast + 0.2 recent backtest + 0.1 residual diagnostics. A part
 * without a value adds nothing. What each part measures: docs/screen.md.
 */
export function compositeScore(parts: ScoreParts): number {
  return partsOf(parts).reduce((sum, [name, part]) => sum + (part.kind === 'measured' ? WEIGHTS[name] * part.value : 0), 0)
}

function partsOf({ fit, volatilityForecast, recentBacktest, residualDiagnostics }: ScoreParts) {
  return [
    ['fit', fit],
    ['volatilityForecast', volatilityForecast],
    ['recentBacktest', recentBacktest],
    ['residualDiagnostics', residualDiagnostics],
  ] as const
}

/** The parts for a spread of which the model may know the head only. `beta`: its hedge. */
export function scoreParts({ head, tail }: SplitSpread, beta: number, rule: ZScoreRule): ScoreParts {
  const spread = Float64Array.from([...head, ...tail])
  const model = fitSpreadModel(head)
  const isFitted = model.kind === 'fitted'
  return {
    fit: isFitted ? modelFit(model) : unscored('not-fitted'),
    volatilityForecast: isFitted ? volatilityForecast(spread, head.length, model) : unscored('not-fitted'),
    recentBacktest: recentBacktest({ spread, from: head.length, beta }, rule),
    residualDiagnostics: isFitted ? residualDiagnostics(model) : unscored('not-fitted'),
  }
}

/**
 * How much likelier error correction is than a random walk, both with GARCH(1,1), on the head, in [0, 1]: the mean of the
 * weights of the former by Akaike's and by Schwarz's criterion, 1 / (1 + exp(−Δ/2)) with Δ the criterion of the
 * walk less that of the correction. One half: neither is preferred.
 * Source: Burnham & Anderson (2002), Model Selection and Multimodel Inference, 2.9 and 6.4.
 */
export function modelFit({ aicGain, bicGain }: FittedSpreadModel): ScorePart {
  const weight = (gain: number) => 1 / (1 + Math.exp(-gain / 2))
  return scored((weight(aicGain) + weight(bicGain)) / 2)
}

/**
 * How little is left in the model's standardised residuals on the head, in [0, 1]: the mean, over the Ljung–Box tests of
 * the residuals and of their squares at 10 lags, of min(1, p / 0.05). Undefined where one cannot be made.
 * Source: McLeod & Li (1983), Journal of Time Series Analysis 4(4) for the squares.
 */
export function residualDiagnostics({ standardisedResiduals: z }: FittedSpreadModel): ScorePart {
  const tests = [z, z.map((value) => value * value)].map((x) => ljungBox(x, { lags: LAGS }))
  const clean = tests.map((test) => (test.kind === 'tested' ? Math.min(1, test.pValues[LAGS - 1] / UNOBJECTIONABLE) : Number.NaN))
  const mean = (clean[0] + clean[1]) / 2
  return Number.isNaN(mean) ? unscored('no-variation') : scored(mean)
}
