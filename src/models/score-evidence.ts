import { accuracy, areaUnderRoc, brierScore, confusionOf, f1, logLoss, precision, recall } from '#statistics/classification.ts'
import { type McNemar, mcnemar } from '#statistics/mcnemar.ts'
import type { Measure } from '#statistics/measure.ts'
import type { Bracketed } from '#statistics/score-intervals.ts'
import {
  type BootstrapOptions,
  bootstrapPValue,
  bootstrapped,
  percentileInterval,
  resampledRows,
} from '#statistics/stationary-bootstrap.ts'

/** What is told of probabilities against labels. */
export const SCORE_NAMES = ['f1', 'accuracy', 'precision', 'recall', 'auc', 'brier', 'logLoss'] as const
export type ScoreName = (typeof SCORE_NAMES)[number]

/** Labels [n], 0 or 1, and one forecaster's probabilities for the same windows, in the order of time. */
export type Judged = { readonly labels: Uint8Array; readonly probabilities: Float64Array }

export type ScoreEvidence = Readonly<Record<ScoreName, Bracketed>>

/** One score of a model or a baseline; the class is predicted where the probability is above one half. */
export function scoreOf(name: ScoreName, { labels, probabilities }: Judged): Measure {
  const confusion = confusionOf(labels, probabilities, 0.5)
  switch (name) {
    case 'f1':
      return f1(confusion)
    case 'accuracy':
      return accuracy(confusion)
    case 'precision':
      return precision(confusion)
    case 'recall':
      return recall(confusion)
    case 'auc':
      return areaUnderRoc(labels, probabilities)
    case 'brier':
      return brierScore(labels, probabilities)
    case 'logLoss':
      return logLoss(labels, probabilities)
    default:
      return name satisfies never
  }
}

/**
 * Every score with the interval that a stationary bootstrap gives it, since windows that overlap are not independent.
 * Undefined as the score is; resamples on which a score has no value do not count, and where none has one, its ends are the
 * score.
 */
export function scoreEvidence(judged: Judged, options: BootstrapOptions & { readonly confidence: number }): ScoreEvidence {
  const resamples = Array.from({ length: options.replicates }, () => at(judged, resampledRows(judged.labels.length, options)))
  const evidence = (name: ScoreName): Bracketed => {
    const score = scoreOf(name, judged)
    if (score.kind === 'undefined') return score
    const figures = Float64Array.from(resamples, (resample) => figureOf(name, resample))
    const known = figures.filter(Number.isFinite).sort()
    const { low, high } = known.length === 0 ? { low: score.value, high: score.value } : percentileInterval(known, options)
    return { ...score, low, high }
  }
  return {
    f1: evidence('f1'),
    accuracy: evidence('accuracy'),
    precision: evidence('precision'),
    recall: evidence('recall'),
    auc: evidence('auc'),
    brier: evidence('brier'),
    logLoss: evidence('logLoss'),
  }
}

/** How one forecaster does beside another on the same windows. */
export type ClassifierComparison = {
  /** Of which one is right more often; for windows that do not depend on one another. */
  readonly rightness: McNemar
  /** F1 of the challenger less that of the champion, and the chance of so large a difference if there were none. */
  readonly f1:
    | { readonly kind: 'compared'; readonly difference: number; readonly pValue: number }
    | Extract<Measure, { kind: 'undefined' }>
}

/**
 * Compares two forecasters: McNemar's test of their right windows, a paired stationary bootstrap of their F1. Throws
 * RangeError for other lengths.
 */
export function compareClassifiers(
  labels: Uint8Array,
  { challenger, champion }: { readonly challenger: Float64Array; readonly champion: Float64Array },
  options: BootstrapOptions,
): ClassifierComparison {
  const right = (probabilities: Float64Array) => Uint8Array.from(probabilities, (p, i) => Number(Number(p > 0.5) === labels[i]))
  const judged = [challenger, champion].map((probabilities) => ({ labels, probabilities }))
  const rightness = mcnemar(right(challenger), right(champion))
  const [own, other] = judged.map((one) => scoreOf('f1', one))
  if (own.kind === 'undefined') return { rightness, f1: own }
  if (other.kind === 'undefined') return { rightness, f1: other }
  const difference = own.value - other.value
  const [first, second] = judged
  const apart = (rows: Int32Array) => figureOf('f1', at(first, rows)) - figureOf('f1', at(second, rows))
  const resampled = bootstrapped(labels.length, apart, options)
  return { rightness, f1: { kind: 'compared', difference, pValue: bootstrapPValue(difference, resampled) } }
}

function at({ labels, probabilities }: Judged, rows: Int32Array): Judged {
  return {
    labels: Uint8Array.from(rows, (row) => labels[row]),
    probabilities: Float64Array.from(rows, (row) => probabilities[row]),
  }
}

/** NaN where the score has no value. */
function figureOf(name: ScoreName, judged: Judged): number {
  const score = scoreOf(name, judged)
  return score.kind === 'measured' ? score.value : Number.NaN
}
