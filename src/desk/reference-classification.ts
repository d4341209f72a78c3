import {
  accuracy,
  areaUnderRoc,
  averagePrecision,
  balancedAccuracy,
  confusionOf,
  f1,
  logLoss,
  matthewsCorrelation,
  precision,
  recall,
} from '#statistics/classification.ts'
import type { Measure } from '#statistics/measure.ts'
import { type Answer, answered, type Checker, type Figure, measureFigure, refused } from './reference-answer.ts'
import { columnOf, numberOf, type ReferenceCase } from './reference-case.ts'

const BOUND = 1e-12

export const checkClassification: Checker = (one) => {
  if ('threshold' in one.params) return checkConfusion(one)
  const metric = String(one.params.metric)
  const [labels, scores] = [columnOf(one, 'y'), columnOf(one, 'score')]
  if (metric === 'log_loss') return answered({ log_loss: { ...measureFigure(logLoss(labels, scores)), bound: BOUND } })
  if (!metric.includes('roc_auc')) throw new TypeError(`no function for ${metric}`)
  const area = areaUnderRoc(labels, scores)
  if (area.kind === 'undefined') return refused(area.why)
  return answered({
    roc_auc: { ...measureFigure(area), bound: BOUND },
    average_precision: { ...measureFigure(averagePrecision(labels, scores)), bound: BOUND },
  })
}

/** Where a share has no denominator it is undefined here, and the value of `zero_division` there. */
function checkConfusion(one: ReferenceCase): Answer {
  const [labels, scores] = [columnOf(one, 'y'), columnOf(one, 'score')]
  const threshold = numberOf(one, 'threshold')
  const confusion = confusionOf(labels, scores, threshold)
  const { trueNegatives, falsePositives, falseNegatives, truePositives } = confusion
  const filled = (measure: Measure, value: number): Figure => ({
    ours: [measure.kind === 'measured' ? measure.value : value],
    bound: BOUND,
    floor: 1,
  })
  const zeroDivision = numberOf(one, 'zero_division')
  return answered({
    pred: { ours: scores.map((score) => (score > threshold ? 1 : 0)) },
    accuracy: filled(accuracy(confusion), Number.NaN),
    precision: filled(precision(confusion), zeroDivision),
    recall: filled(recall(confusion), zeroDivision),
    f1: filled(f1(confusion), zeroDivision),
    confusion: { ours: [trueNegatives, falsePositives, falseNegatives, truePositives] },
    // The reference calls it 0 where it is not defined.
    mcc: filled(matthewsCorrelation(confusion), 0),
    balanced_accuracy: filled(balancedAccuracy(confusion), Number.NaN),
  })
}
