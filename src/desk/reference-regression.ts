import { z } from 'zod'
import { adf, type LagRule } from '#statistics/adf.ts'
import { cointegration } from '#statistics/engle-granger.ts'
import { type JohansenTrend, johansen } from '#statistics/johansen.ts'
import { conditionOf } from '#statistics/least-squares.ts'
import { mackinnonCriticalValues, mackinnonPValue, type Trend } from '#statistics/mackinnon.ts'
import { coefficientTests, jointTest, ols, type Regression } from '#statistics/ols.ts'
import { type Answer, answered, type Checker, DEFAULT_BOUND, type Figure, refused, withinRounding } from './reference-answer.ts'
import { columnOf, columnsOf, numberOf, numbersIn } from './reference-case.ts'

const TRENDS = z.enum(['n', 'c', 'ct', 'ctt'])

export const checkOls: Checker = (one) => {
  const y = columnOf(one, 'y')
  const x = columnsOf(one, 'X')
  const intercept = one.params.intercept === true
  const fit = ols(y, x, { intercept })
  if (fit.kind !== 'fitted' && fit.kind !== 'rank-deficient') return refused(fit.kind)
  const deviation = Math.sqrt(fit.ssr / fit.observations)
  // Residuals are differences of the data: they lose as many digits as they are smaller than y.
  const bound = one.tags.includes('residual_cancellation') ? withinRounding(8 * (largestOf(y) / deviation)) : DEFAULT_BOUND
  const condition = conditionOf(intercept ? [new Float64Array(y.length).fill(1), ...x] : x)
  return olsFigures(fit, { condition, bound, deviation })
}

type Around = { readonly condition: number; readonly bound: number; readonly deviation: number }

/** Coefficients count in units of their standard errors where those are larger, residuals in units of theirs. */
function olsFigures(fit: Regression, { condition, bound, deviation }: Around): Answer {
  const { coefficients, standardErrors, observations, rank, hasConstant, residuals } = fit
  const { t, pValues } = coefficientTests(fit)
  const joint = jointTest(fit)
  const ends = (from: number, until?: number) => ({ ours: residuals.slice(from, until), bound, floor: deviation })
  const figures: Record<string, Figure> = {
    params: { ours: coefficients, bound, floor: Math.min(...standardErrors) },
    bse: { ours: standardErrors, bound, floor: 0 },
    tvalues: { ours: t, bound, floor: 1 },
    pvalues: { ours: pValues, bound, floor: 1e-300 },
    rsquared: { ours: [fit.rSquared], bound, floor: 1 },
    rsquared_adj: { ours: [fit.adjustedRSquared], bound, floor: 1 },
    ssr: { ours: [fit.ssr], bound },
    df_resid: { ours: [observations - rank] },
    df_model: { ours: [rank - (hasConstant ? 1 : 0)] },
    nobs: { ours: [observations] },
    llf: { ours: [fit.logLikelihood], bound },
    aic: { ours: [fit.aic], bound },
    bic: { ours: [fit.bic], bound },
    fvalue: { ours: [joint?.f ?? Number.NaN], bound },
    f_pvalue: { ours: [joint?.pValue ?? Number.NaN], bound, floor: 1e-300 },
    cov_params: { ours: fit.covariance.flatMap((row) => [...row]), bound },
    mse_resid: { ours: [fit.ssr / (observations - rank)], bound },
    rank: { ours: [rank] },
    condition_number: { ours: [condition], bound },
    resid: ends(0),
    resid_first5: ends(0, 5),
    resid_last5: ends(-5),
    resid_sum_abs: { ours: [residuals.reduce((sum, e) => sum + Math.abs(e), 0)], bound },
  }
  return answered(figures)
}

export const checkAdf: Checker = (one) => {
  const x = columnOf(one, 'x')
  const trend = TRENDS.parse(one.params.regression)
  const options = { trend, ...lagRuleOf(one.params.autolag, one.params.maxlag) }
  const test = adf(x, options)
  if (test.kind !== 'tested') return refused(test.kind)
  const { tau, pValue, lag, criticalValues, criterion } = test
  const bound = withinRounding(conditionOf(plainDesign(x, lag, trend)))
  return answered({
    stat: { ours: [tau], bound, floor: 1 },
    pvalue: pValueFigure(pValue, mackinnonPValue(tau * (1 + bound), { trend, series: 1 })),
    usedlag: { ours: [test.lag] },
    nobs: { ours: [test.observations] },
    crit: { ours: Object.values(criticalValues), bound: 1e-10 },
    ...(criterion === undefined ? {} : { icbest: { ours: [criterion], floor: 1 } }),
  })
}

/**
 * The columns of the test's regression in their units, as the other program takes its singular values: level, lagged
 * differences, 1, t, t². Beside prices of 1e-8 its t² leaves it three digits; the statistic itself knows no unit.
 */
function plainDesign(x: Float64Array, lags: number, trend: Trend): Float64Array[] {
  const rows = x.length - 1 - lags
  const column = (of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row))
  const lagged = Array.from({ length: lags }, (_, j) => column((row) => x[row + lags - j] - x[row + lags - j - 1]))
  const terms = TRENDS.options.indexOf(trend)
  return [
    column((row) => x[row + lags]),
    ...lagged,
    ...Array.from({ length: terms }, (_, power) => column((row) => (row + 1) ** power)),
  ]
}

/** May differ by what the difference that its statistic may have makes of it, `beside` being the p-value at that end. */
function pValueFigure(pValue: number, beside: number): Figure {
  const carried = pValue > 0 ? Math.abs(beside / pValue - 1) : 0
  return { ours: [pValue], bound: DEFAULT_BOUND + carried, floor: 1e-300 }
}

function lagRuleOf(autolag: unknown, maxlag: unknown): { readonly lagRule: LagRule; readonly maximumLag?: number } {
  const lagRule = autolag === null ? 'fixed' : z.enum(['aic', 'bic', 't-stat']).parse(String(autolag).toLowerCase())
  return maxlag === null || maxlag === undefined ? { lagRule } : { lagRule, maximumLag: z.number().parse(maxlag) }
}

export const checkMackinnon: Checker = (one) => {
  const trend = TRENDS.parse(one.params.regression)
  const series = numberOf(one, 'N')
  if (one.params.function === 'mackinnoncrit') {
    const observations = one.params.nobs === null ? Number.POSITIVE_INFINITY : numberOf(one, 'nobs')
    return answered({ crit: { ours: Object.values(mackinnonCriticalValues(observations, { trend, series })), bound: 1e-10 } })
  }
  if (one.params.function !== 'mackinnonp') return refusedFunction(one.params.function)
  const stats = numbersIn(one.input.stat ?? one.params.stat)
  return answered({ pvalue: { ours: stats.map((stat) => mackinnonPValue(stat, { trend, series })), floor: 1e-300 } })
}

export const checkCointegration: Checker = (one) => {
  const trend = TRENDS.parse(one.params.trend)
  const y1 = columnsOf(one, 'y1')
  const test = cointegration(columnOf(one, 'y0'), y1, { trend, ...lagRuleOf(one.params.autolag, one.params.maxlag) })
  if (test.kind !== 'tested') return refused(test.kind)
  const noCritical = [Number.NaN, Number.NaN, Number.NaN]
  return answered({
    stat: { ours: [test.tau], floor: 1 },
    pvalue: pValueFigure(test.pValue, mackinnonPValue(test.tau * (1 + DEFAULT_BOUND), { trend, series: y1.length + 1 })),
    crit: { ours: test.criticalValues ? Object.values(test.criticalValues) : noCritical, bound: 1e-10 },
  })
}

const JOHANSEN_TRENDS: ReadonlyMap<unknown, JohansenTrend> = new Map([
  [-1, 'none'],
  [0, 'constant'],
  [1, 'linear'],
])

export const checkJohansen: Checker = (one) => {
  const trend = JOHANSEN_TRENDS.get(one.params.det_order)
  if (trend === undefined) throw new TypeError(`no function for det_order ${String(one.params.det_order)}`)
  const test = johansen(columnsOf(one, 'columns'), { trend, lags: numberOf(one, 'k_ar_diff') })
  if (test.kind !== 'tested') return refused(test.kind)
  const { steps } = test
  const all = (of: (step: (typeof steps)[number]) => readonly number[]) => ({ ours: steps.flatMap(of), bound: 1e-7 })
  return answered({
    eig: { ...all(({ eigenvalue }) => [eigenvalue]), floor: 1e-4 },
    lr1: { ...all(({ trace }) => [trace]), floor: 1 },
    lr2: { ...all(({ maximumEigenvalue }) => [maximumEigenvalue]), floor: 1 },
    cvt: all(({ traceCritical }) => traceCritical),
    cvm: all(({ maximumEigenvalueCritical }) => maximumEigenvalueCritical),
    evec: vectorFigure(
      z.array(z.unknown()).parse(one.expected.evec).map(numbersIn),
      steps.map(({ vector }) => vector),
    ),
  })
}

/** Column by column on the scale of its largest entry, with the sign that the reference has. */
function vectorFigure(theirs: readonly Float64Array[], ours: readonly Float64Array[]): Figure {
  const scaled = ours.map((vector, k) => {
    const their = theirs.map((row) => row[k])
    const scale = largestOf(their)
    const sign = vector.reduce((sum, value, i) => sum + (value / scale) * (their[i] / scale), 0) < 0 ? -1 : 1
    return { our: vector.map((value) => (sign * value) / scale), their: their.map((value) => value / scale) }
  })
  return { ours: scaled.flatMap(({ our }) => [...our]), theirs: scaled.flatMap(({ their }) => their), bound: 1e-6, floor: 1 }
}

function refusedFunction(name: unknown): never {
  throw new TypeError(`no function for ${String(name)}`)
}

function largestOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}
