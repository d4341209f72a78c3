import type { Measure } from '#statistics/measure.ts'
import { type PromotionGates, promotion, WHY_NO_VALUE } from './promotion.ts'

/** What a model must reach to take production: the least that any must, and what it must have over the one that is there. */
export type RegistryGates = PromotionGates & {
  /** F1 and Sharpe ratio (a year, after costs) above the champion's, over the same windows. */
  readonly minimumF1Gain: number
  readonly minimumSharpeGain: number
  /** How much deeper its drawdown may be than the champion's, a fraction of the peak. */
  readonly maximumDrawdownLoss: number
  /** Chance of so large a gain where there is none: that of F1 or that of the Sharpe ratio must be as small. */
  readonly maximumPValue: number
}

export type GateScores = {
  readonly f1: Measure
  /** A year, after costs. */
  readonly sharpe: Measure
  /** A fraction of the peak, <= 0. */
  readonly drawdown: Measure
}

/** A challenger beside the champion over the windows that both saw in shadow. */
export type ShadowComparison = {
  readonly challenger: GateScores
  readonly champion: GateScores
  /** Of the differences, two-sided, in [0, 1]; undefined where a test has no value. */
  readonly f1PValue: number | undefined
  readonly sharpePValue: number | undefined
}

/** What a challenger is held against: nobody in production, or the champion. */
export type Contest =
  | { readonly kind: 'vacant'; readonly scores: GateScores }
  | ({ readonly kind: 'contested' } & ShadowComparison)

/** `reasons`: of a pass what was reached, of a fail each gate that was not. */
export type GateVerdict = { readonly isPassed: boolean; readonly reasons: readonly string[] }

/** Holds a challenger against every gate. At a gate is passed; a score without a value passes none. */
export function judge(contest: Contest, gates: RegistryGates): GateVerdict {
  const scores = contest.kind === 'vacant' ? contest.scores : contest.challenger
  const { reasons: minimums } = promotion(scores, gates)
  const reasons = contest.kind === 'vacant' ? minimums : [...minimums, ...gains(contest, gates)]
  return reasons.length > 0 ? { isPassed: false, reasons } : { isPassed: true, reasons: [reached(contest, scores)] }
}

function gains({ challenger, champion, f1PValue, sharpePValue }: ShadowComparison, gates: RegistryGates): string[] {
  const asked = [
    gain('F1', { challenger: challenger.f1, champion: champion.f1, least: gates.minimumF1Gain }),
    gain('Sharpe ratio', { challenger: challenger.sharpe, champion: champion.sharpe, least: gates.minimumSharpeGain }),
    gain('drawdown', { challenger: challenger.drawdown, champion: champion.drawdown, least: -gates.maximumDrawdownLoss }),
    chance([f1PValue, sharpePValue], gates.maximumPValue),
  ]
  return asked.filter((reason) => reason !== undefined)
}

/** Differences of decimal fractions miss a round gate by their last digit. */
const ROUNDING = 1e-12

type Compared = { readonly challenger: Measure; readonly champion: Measure; readonly least: number }

function gain(name: string, { challenger, champion, least }: Compared): string | undefined {
  if (challenger.kind === 'undefined') return `${name} has no value in shadow, since ${WHY_NO_VALUE[challenger.why]}`
  // A champion without a score cannot be compared with; that it has none is a matter of drift, not of the challenger.
  if (champion.kind === 'undefined') return `the champion's ${name} has no value in shadow, since ${WHY_NO_VALUE[champion.why]}`
  const by = challenger.value - champion.value
  if (by >= least - ROUNDING) return undefined
  return `${name} is ${signed(challenger.value)} beside the champion's ${signed(champion.value)}; ${signed(least)} or more is asked between them`
}

function chance(pValues: readonly (number | undefined)[], maximum: number): string | undefined {
  const known = pValues.filter((p) => p !== undefined)
  if (known.some((p) => p <= maximum)) return undefined
  const least = known.length === 0 ? 'it has not been tested' : `p is ${Math.min(...known).toFixed(3)}`
  return `the gain may be chance: ${least}; at most ${maximum} is asked`
}

function reached(contest: Contest, { f1, sharpe }: GateScores): string {
  const told = `F1 ${written(f1)}, Sharpe ratio ${written(sharpe)}`
  if (contest.kind === 'vacant') return `${told}; nothing was in production`
  return `${told}; the champion's ${written(contest.champion.f1)} and ${written(contest.champion.sharpe)}`
}

function written(measure: Measure): string {
  return measure.kind === 'measured' ? signed(measure.value) : 'none'
}

function signed(value: number): string {
  return value.toFixed(3).replace('-', '−')
}
