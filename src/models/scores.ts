import { accuracy, areaUnderRoc, confusionOf, f1, logLoss, precision, recall } from '#statistics/classification.ts'
import type { Measure } from '#statistics/measure.ts'

/** How a model did on the test part, which neither its training nor its early stopping has seen. */
export type ModelScores = {
  readonly testWindows: number
  /** Of the class "moves towards its mean", predicted where the probability is above one half. */
  readonly f1: Measure
  readonly auc: Measure
  readonly accuracy: Measure
  readonly precision: Measure
  readonly recall: Measure
  readonly logLoss: Measure
  /** What is reached by saying "towards its mean" of every window. */
  readonly alwaysRevert: { readonly f1: Measure; readonly accuracy: Measure }
  /** A year, after costs, of the gated z-score rule; see trading-score.ts. */
  readonly sharpe: Measure
  /** Times that the rule entered. */
  readonly trades: number
}

/** Scores of probabilities against labels (0 or 1) of the same windows. */
export function classificationScores(labels: Uint8Array, probabilities: Float64Array): Omit<ModelScores, 'sharpe' | 'trades'> {
  const confusion = confusionOf(labels, probabilities, 0.5)
  const always = confusionOf(labels, new Float64Array(labels.length).fill(1), 0.5)
  return {
    testWindows: labels.length,
    f1: f1(confusion),
    auc: areaUnderRoc(labels, probabilities),
    accuracy: accuracy(confusion),
    precision: precision(confusion),
    recall: recall(confusion),
    logLoss: logLoss(labels, probabilities),
    alwaysRevert: { f1: f1(always), accuracy: accuracy(always) },
  }
}
