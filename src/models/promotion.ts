import type { Measure } from '#statistics/measure.ts'
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
  if (reached.kind === 'undefined') return `${name} has no value (${reached.why}); at least ${minimum} is asked`
  return reached.value >= minimum ? undefined : `${name} is ${reached.value.toFixed(3)}; at least ${minimum} is asked`
}
