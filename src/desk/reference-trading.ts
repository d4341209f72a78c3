import { moments } from '#statistics/moments.ts'
import { adjustPValues, type Correction } from '#statistics/multiple-testing.ts'
import {
  annualGrowth,
  annualVolatility,
  averageGain,
  averageLoss,
  calmarRatio,
  equityFrom,
  longestDrawdown,
  maximumDrawdown,
  profitFactor,
  sharpeRatio,
  sortinoRatio,
  tailLoss,
  winRate,
} from '#statistics/performance.ts'
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
  type SharpeEvidence,
  sharpeEvidence,
} from '#statistics/sharpe-significance.ts'
import { type Answer, answered, type Checker, type Figure, measureFigure, refused } from './reference-answer.ts'
import { columnOf, numberOf, numbersIn, type ReferenceCase, textOf } from './reference-case.ts'

/** Told apart by what goes in: p-values, trials, a benchmark, a number of trials, or returns alone. */
export const checkTrading: Checker = (one) => {
  if ('p' in one.input) return checkAdjusted(one)
  if ('trial_sharpes' in one.input) return checkTrials(one)
  if ('sr_star' in one.params) return checkProbabilistic(one)
  if ('trial_variance' in one.input) return checkDeflated(one)
  if ('rf' in one.params) return checkMetrics(one)
  throw new TypeError(`no function for the figures ${Object.keys(one.expected).join(', ')}`)
}

function checkMetrics(one: ReferenceCase): Answer {
  const r = columnOf(one, 'r')
  const barsPerYear = numberOf(one, 'ann')
  const rate = { barsPerYear, riskFreePerBar: numberOf(one, 'rf') }
  const equity = equityFrom(r)
  const last = equity[equity.length - 1]
  const shape = moments(r)
  const { quantile, beyond } = tailLoss(r, { tail: 0.05 })
  const shapeFigure = (of: 'skewness' | 'kurtosis'): Figure => ({
    ours: [shape.kind === 'measured' ? shape[of] : Number.NaN],
    floor: 1,
  })
  return answered({
    total_return: { ours: [last - 1], floor: 1 },
    final_equity: { ours: [last] },
    cagr: measureFigure(annualGrowth(equity, rate), { floor: 1 }),
    ann_vol: measureFigure(annualVolatility(r, rate)),
    sharpe: measureFigure(sharpeRatio(r, rate), { floor: 1 }),
    sortino: measureFigure(sortinoRatio(r, rate), { floor: 1 }),
    max_drawdown: measureFigure(maximumDrawdown(equity), { floor: 1 }),
    max_drawdown_duration: measureFigure(longestDrawdown(equity)),
    calmar: measureFigure(calmarRatio(equity, rate), { floor: 1 }),
    win_rate: measureFigure(winRate(r)),
    win_rate_all: { ours: [r.filter((value) => value > 0).length / r.length] },
    profit_factor: measureFigure(profitFactor(r)),
    avg_win: measureFigure(averageGain(r)),
    avg_loss: measureFigure(averageLoss(r)),
    skew: shapeFigure('skewness'),
    kurtosis: shapeFigure('kurtosis'),
    var_95: measureFigure(quantile),
    cvar_95: measureFigure(beyond),
  })
}

function checkProbabilistic(one: ReferenceCase): Answer {
  const evidence = sharpeEvidence(columnOf(one, 'r'))
  if (evidence.kind === 'undefined') return refused(evidence.why)
  const benchmark = numberOf(one, 'sr_star')
  const record = minimumTrackRecord(evidence, { benchmark, confidence: numberOf(one, 'conf') })
  return answered({
    ...evidenceFigures(evidence),
    psr: { ours: [probabilisticSharpe(evidence, benchmark)], floor: 1e-300 },
    min_trl: { ours: [record.kind === 'never' ? Number.POSITIVE_INFINITY : record.observations] },
  })
}

/** From returns, or from what a paper says of them. */
function checkDeflated(one: ReferenceCase): Answer {
  const evidence = 'r' in one.input ? sharpeEvidence(columnOf(one, 'r')) : statedEvidence(one)
  if (evidence.kind === 'undefined') return refused(evidence.why)
  const [variance] = numbersIn(one.input.trial_variance)
  const trials = { trials: numberOf(one, 'N'), variance }
  const benchmark = expectedMaximumSharpe(trials)
  return answered({
    ...('sr' in one.expected ? { sr: { ours: [evidence.sharpe], floor: 1e-6 } } : {}),
    ...('sr0_annual' in one.expected ? { sr0_annual: { ours: [benchmark * Math.sqrt(TRADING_DAYS)] } } : {}),
    sr0: { ours: [benchmark] },
    dsr: { ours: [deflatedSharpe(evidence, trials)], floor: 1e-300 },
  })
}

/** The paper's example is in days, of which it counts 250 a year. */
const TRADING_DAYS = 250

function statedEvidence(one: ReferenceCase): { readonly kind: 'estimated' } & SharpeEvidence {
  const [sharpe, observations, skewness, kurtosis] = ['sr', 'n', 'g3', 'g4'].map((key) => numbersIn(one.input[key])[0])
  return { kind: 'estimated', sharpe, observations, skewness, kurtosis }
}

function evidenceFigures({ sharpe, observations, skewness, kurtosis }: SharpeEvidence): Record<string, Figure> {
  return {
    sr: { ours: [sharpe], floor: 1e-6 },
    n: { ours: [observations] },
    g3: { ours: [skewness], floor: 1 },
    g4: { ours: [kurtosis], floor: 1 },
  }
}

function checkTrials(one: ReferenceCase): Answer {
  const ratios = columnOf(one, 'trial_sharpes')
  const shape = moments(ratios)
  if (shape.kind !== 'measured') return refused(shape.kind)
  const { variance, observations: trials } = shape
  return answered({
    V: { ours: [variance] },
    N: { ours: [trials] },
    sr0: { ours: [expectedMaximumSharpe({ trials, variance })] },
  })
}

const CORRECTIONS: ReadonlyMap<string, Correction> = new Map([
  ['fdr_bh', 'benjamini-hochberg'],
  ['fdr_by', 'benjamini-yekutieli'],
  ['holm', 'holm'],
  ['bonferroni', 'bonferroni'],
])

function checkAdjusted(one: ReferenceCase): Answer {
  const method = textOf(one, 'method')
  const correction = CORRECTIONS.get(method)
  if (correction === undefined) throw new TypeError(`no function for ${method}`)
  const result = adjustPValues(columnOf(one, 'p'), correction)
  if (result.kind !== 'adjusted') return refused(result.kind)
  const alpha = numberOf(one, 'alpha')
  // A value that reaches α in exact arithmetic is rejected whichever way the last bit fell.
  const reject = result.adjusted.map((p) => (p <= alpha * (1 + 4 * Number.EPSILON) ? 1 : 0))
  return answered({ pvals_corrected: { ours: result.adjusted, bound: 1e-12 }, reject: { ours: reject } })
}
