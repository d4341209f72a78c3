import { z } from 'zod'
import { archLm } from '#statistics/arch-lm.ts'
import { autocorrelation, boxPierce, ljungBox, type PartialMethod, partialAutocorrelation } from '#statistics/autocorrelation.ts'
import { type HalfLife, halfLife } from '#statistics/half-life.ts'
import { hurstOfBlocks, hurstOfMoves } from '#statistics/hurst.ts'
import { kpss } from '#statistics/kpss.ts'
import { conditionOf } from '#statistics/least-squares.ts'
import { durbinWatson, jarqueBera, moments, unbiasedShape } from '#statistics/moments.ts'
import { type Answer, answered, type Checker, refused } from './reference-answer.ts'
import { columnOf, numberOf, type ReferenceCase, textOf } from './reference-case.ts'

/** By the call that the case names. */
const CALLS: readonly (readonly [RegExp, Checker])[] = [
  [/^het_arch/, checkArch],
  [/^acorr_ljungbox/, checkPortmanteau],
  [/^acf/, checkAcf],
  [/^pacf/, checkPacf],
  [/jarque_bera/, checkJarqueBera],
  [/skew|kurtosis/, checkMoments],
  [/^kpss/, checkKpss],
  [/^half_life/, checkHalfLife],
  [/^hurst_lagdiff/, checkHurstOfMoves],
  [/^hurst_aggvar/, checkHurstOfBlocks],
]

export const checkDiagnostics: Checker = (one) => {
  const call = textOf(one, 'call')
  const check = CALLS.find(([pattern]) => pattern.test(call))?.[1]
  if (check === undefined) throw new TypeError(`no function for ${call}`)
  return check(one)
}

/** From here on the reference cuts singular values, so that its answer is that of a regression without some columns. */
const CUT_BEYOND = 1e15

/** In units that bring the squares there we cut them as well; in all others the answer does not depend on the unit. */
function checkArch(one: ReferenceCase): Answer {
  const x = columnOf(one, 'x')
  const lags = numberOf(one, 'k')
  const test = archLm(x, { lags })
  if (test.kind !== 'tested') return refused(test.kind)
  const isCut = conditionOf(archDesign(x, lags)) > CUT_BEYOND
  const same = isCut ? archLm(x, { lags, rankRule: 'singular-values' }) : test
  if (same.kind !== 'tested') return refused(same.kind)
  return answered({
    lm: { ours: [same.statistic] },
    lm_pvalue: { ours: [same.pValue], floor: 1e-300 },
    fval: { ours: [same.f ?? Number.NaN] },
    f_pvalue: { ours: [same.fPValue ?? Number.NaN], floor: 1e-300 },
  })
}

function archDesign(x: Float64Array, lags: number): Float64Array[] {
  const rows = x.length - lags
  const squares = x.map((value) => value * value)
  const lagged = Array.from({ length: lags }, (_, j) => squares.subarray(lags - 1 - j, lags - 1 - j + rows))
  return [new Float64Array(rows).fill(1), ...lagged]
}

function checkPortmanteau(one: ReferenceCase): Answer {
  const x = columnOf(one, 'x')
  const lags = numberOf(one, 'L')
  const [ljung, box] = [ljungBox(x, { lags }), boxPierce(x, { lags })]
  if (ljung.kind !== 'tested') return refused(ljung.kind)
  if (box.kind !== 'tested') return refused(box.kind)
  return answered({
    lb_stat: { ours: ljung.statistics, floor: 1 },
    lb_pvalue: { ours: ljung.pValues, floor: 1e-300 },
    bp_stat: { ours: box.statistics, floor: 1 },
    bp_pvalue: { ours: box.pValues, floor: 1e-300 },
  })
}

function checkAcf(one: ReferenceCase): Answer {
  const test = autocorrelation(columnOf(one, 'x'), { lags: numberOf(one, 'nlags'), isAdjusted: one.params.adjusted === true })
  return test.kind === 'measured' ? answered({ acf: { ours: test.values, floor: 1 } }) : refused(test.kind)
}

type Pacf = { readonly method: PartialMethod; readonly isAdjusted: boolean }

const PACF_METHODS: ReadonlyMap<string, Pacf> = new Map([
  ...['yw', 'ywa', 'ywadjusted', 'yw_adjusted', 'ld', 'lda', 'ldadjusted', 'ld_adjusted'].map((name): [string, Pacf] => [
    name,
    { method: 'moments', isAdjusted: true },
  ]),
  ...['ywm', 'ywmle', 'yw_mle', 'ldb', 'ldbiased', 'ld_biased'].map((name): [string, Pacf] => [
    name,
    { method: 'moments', isAdjusted: false },
  ]),
  ['ols', { method: 'least-squares', isAdjusted: false }],
  ['ols-adjusted', { method: 'least-squares', isAdjusted: true }],
  ['ols-inefficient', { method: 'common-rows', isAdjusted: false }],
])

function checkPacf(one: ReferenceCase): Answer {
  const pacf = PACF_METHODS.get(textOf(one, 'method'))
  if (pacf === undefined) throw new TypeError(`no function for pacf method ${textOf(one, 'method')}`)
  const x = columnOf(one, 'x')
  const lags = numberOf(one, 'nlags')
  const isCut = pacf.method === 'least-squares' && lagCondition(x, lags) > 1 / (x.length * Number.EPSILON)
  const test = partialAutocorrelation(x, { lags, ...pacf, rankRule: isCut ? 'row-rounding' : 'own-length' })
  return test.kind === 'measured' ? answered({ pacf: { ours: test.values, floor: 1 } }) : refused(test.kind)
}

/** Of the regression on all lags, where there are rows for it; the reference cuts singular values by its own rule there. */
function lagCondition(x: Float64Array, lags: number): number {
  const rows = x.length - lags
  if (rows <= lags || !x.every(Number.isFinite)) return 1
  const lagged = Array.from({ length: lags }, (_, j) => x.subarray(lags - 1 - j, lags - 1 - j + rows))
  return conditionOf([new Float64Array(rows).fill(1), ...lagged])
}

function checkJarqueBera(one: ReferenceCase): Answer {
  const test = jarqueBera(columnOf(one, 'x'))
  if (test.kind !== 'tested') return refused(test.kind)
  return answered({
    jb: { ours: [test.statistic], floor: 1 },
    pvalue: { ours: [test.pValue], floor: 1e-300 },
    skew: { ours: [test.skewness], floor: 1 },
    kurtosis: { ours: [test.kurtosis], floor: 1 },
  })
}

function checkMoments(one: ReferenceCase): Answer {
  const x = columnOf(one, 'x')
  const shape = moments(x)
  const watson = durbinWatson(x)
  if (shape.kind !== 'measured') return refused(shape.kind)
  if (watson.kind !== 'measured') return refused(watson.kind)
  const unbiased = unbiasedShape(shape)
  return answered({
    skew: { ours: [shape.skewness], floor: 1 },
    skew_unbiased: { ours: [unbiased.skewness], floor: 1 },
    kurtosis: { ours: [shape.kurtosis], floor: 1 },
    excess_unbiased: { ours: [unbiased.excess], floor: 1 },
    durbin_watson: { ours: [watson.value] },
  })
}

const KPSS_LAGS: ReadonlyMap<unknown, 'automatic' | 'schwert'> = new Map([
  ['auto', 'automatic'],
  ['legacy', 'schwert'],
])

function checkKpss(one: ReferenceCase): Answer {
  const lags = KPSS_LAGS.get(one.params.nlags) ?? numberOf(one, 'nlags')
  const test = kpss(columnOf(one, 'x'), { trend: z.enum(['c', 'ct']).parse(one.params.regression), lags })
  if (test.kind !== 'tested') return refused(test.kind)
  return answered({
    stat: { ours: [test.statistic] },
    pvalue: { ours: [test.pValue] },
    lags: { ours: [test.lags] },
    crit: { ours: test.criticalValues },
  })
}

function checkHalfLife(one: ReferenceCase): Answer {
  const test = halfLife(columnOf(one, 'x'))
  if (!('slope' in test)) return refused(test.kind)
  return answered({
    a: { ours: [test.intercept] },
    b: { ours: [test.slope] },
    half_life_ar1: { ours: [test.kind === 'reverting' ? test.bars : Number.NaN] },
    half_life_ou: { ours: [continuousHalfLife(test)] },
    mean: { ours: [-test.intercept / test.slope] },
  })
}

/** As if the series reverted without pause: −ln 2 / b. */
function continuousHalfLife({ slope }: Extract<HalfLife, { slope: number }>): number {
  return slope < 0 ? -Math.LN2 / slope : Number.NaN
}

function checkHurstOfMoves(one: ReferenceCase): Answer {
  const test = hurstOfMoves(columnOf(one, 'x'), { from: numberOf(one, 'lo'), until: numberOf(one, 'hi') })
  if (test.kind !== 'measured') return refused(test.kind)
  return answered({
    hurst: { ours: [test.exponent], floor: 1 },
    intercept: { ours: [test.intercept], floor: 1 },
    tau: { ours: test.spreads, floor: 0 },
  })
}

function checkHurstOfBlocks(one: ReferenceCase): Answer {
  const test = hurstOfBlocks(columnOf(one, 'x'))
  if (test.kind !== 'measured') return refused(test.kind)
  return answered({
    hurst: { ours: [test.exponent], floor: 1 },
    slope: { ours: [test.slope], floor: 1 },
    m: { ours: test.sizes },
    variances: { ours: test.spreads, floor: 0 },
  })
}
