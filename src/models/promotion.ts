import type { Measure, WhyUndefined } from '#statistics/measure.ts'
import type { ModelScores } from './scores.ts'

/** What a model must reach on its test part: the settings under `promotion:`. */
export type PromotionGates = {
  /** In [0, 1]. */
  readonly minimumF1: number
  /** A year, after costs. */
  readonly minimumSharpe: number
}

/** Whether a model passes every gate; `reasons` says of each gate that it fails what was reached and what was asked. */
export type Promotion = { readonly isPromoted: boolean; readonly reasons: readonly string[] }

/** Holds a model's scores against the gates. A score without a value passes none. */
export function promotion(scores: Pick<ModelScores, 'f1' | 'sharpe'>, gates: PromotionGates): Promotion {
  const reasons = [
    shortfall('F1', scores.f1, gates.minimumF1),
    shortfall('Sharpe ratio after costs', scores.sharpe, gates.minimumSharpe),
  ].filter((reason) => reason !== undefined)
  return { isPromoted: reasons.length === 0, reasons }
}

function shortfall(name: string, reached: Measure, minimum: number): string | undefined {
  if (reached.kind === 'undefined')
    return `${name} has no value, since ${WHY_NO_VALUE[reached.why]}; at least ${minimum} is asked`
  return reached.value >= minimum
    ? undefined
    : `${name} is ${reached.value.toFixed(3).replace('-', '−')}; at least ${minimum} is asked`
}

/** Why a score has no value, in words that follow "since". */
export const WHY_NO_VALUE: Readonly<Record<WhyUndefined, string>> = {
  'no-observations': 'the test part has no windows',
  'not-finite': 'a figure that it rests on is not finite',
  'no-variation': 'its returns do not vary, as when nothing is traded',
  'one-class': 'every test window moves the same way',
  'no-predicted-positives': 'no move towards the mean was forecast',
  'no-positives': 'no test window moved towards its mean',
  'no-trades': 'there were no trades',
  'no-losses': 'there were no losses',
}
