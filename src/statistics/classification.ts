import { type Measure, measured, undefinedBecause } from './measure.ts'

export type Confusion = {
  readonly trueNegatives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly truePositives: number
}

/** Counts of labels (0 or 1) against predictions: positive where the score is above `threshold`. NaN is not above. */
export function confusionOf(labels: ArrayLike<number>, scores: ArrayLike<number>, threshold: number): Confusion {
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < labels.length; i++) counts[(labels[i] === 1 ? 2 : 0) + (scores[i] > threshold ? 1 : 0)]++
  const [trueNegatives, falsePositives, falseNegatives, truePositives] = counts
  return { trueNegatives, falsePositives, falseNegatives, truePositives }
}

/** Right predictions over all, in [0, 1]. */
export function accuracy({ trueNegatives, falsePositives, falseNegatives, truePositives }: Confusion): Measure {
  const all = trueNegatives + falsePositives + falseNegatives + truePositives
  return all === 0 ? undefinedBecause('no-observations') : measured((trueNegatives + truePositives) / all)
}

/** True positives over predicted positives, in [0, 1]; undefined where nothing was predicted positive. */
export function precision({ truePositives, falsePositives }: Confusion): Measure {
  const predicted = truePositives + falsePositives
  return predicted === 0 ? undefinedBecause('no-predicted-positives') : measured(truePositives / predicted)
}

/** True positives over positives, in [0, 1]; undefined where there is no positive. */
export function recall({ truePositives, falseNegatives }: Confusion): Measure {
  const positives = truePositives + falseNegatives
  return positives === 0 ? undefinedBecause('no-positives') : measured(truePositives / positives)
}

/** Harmonic mean of precision and recall, in [0, 1]; undefined where nothing is positive and nothing was predicted so. */
export function f1({ truePositives, falsePositives, falseNegatives }: Confusion): Measure {
  const either = 2 * truePositives + falsePositives + falseNegatives
  return either === 0 ? undefinedBecause('no-positives') : measured((2 * truePositives) / either)
}

/** Mean of the recalls of the classes that occur, in [0, 1]; ½ for guessing. */
export function balancedAccuracy({ trueNegatives, falsePositives, falseNegatives, truePositives }: Confusion): Measure {
  const recalls = [
    { right: truePositives, all: truePositives + falseNegatives },
    { right: trueNegatives, all: trueNegatives + falsePositives },
  ].filter(({ all }) => all > 0)
  if (recalls.length === 0) return undefinedBecause('no-observations')
  return measured(recalls.reduce((sum, { right, all }) => sum + right / all, 0) / recalls.length)
}

/**
 * Matthews' correlation of labels and predictions, in [−1, 1]; undefined where either is all of one class.
 * Source: Matthews (1975), Biochimica et Biophysica Acta 405(2), 442–451.
 */
export function matthewsCorrelation({ trueNegatives, falsePositives, falseNegatives, truePositives }: Confusion): Measure {
  const margins = [
    truePositives + falsePositives,
    truePositives + falseNegatives,
    trueNegatives + falsePositives,
    trueNegatives + falseNegatives,
  ]
  if (margins.includes(0)) return undefinedBecause('one-class')
  const product = margins.reduce((root, margin) => root * Math.sqrt(margin), 1)
  return measured((truePositives * trueNegatives - falsePositives * falseNegatives) / product)
}

/**
 * Mean precision over the positives, each at the threshold that just takes it in, in [0, 1]; scores that tie are taken
 * in together. Undefined without a positive and for a score that is not finite.
 */
export function averagePrecision(labels: ArrayLike<number>, scores: Float64Array): Measure {
  if (scores.length === 0) return undefinedBecause('no-observations')
  if (!scores.every(Number.isFinite)) return undefinedBecause('not-finite')
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a])
  let positives = 0
  let sum = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++
    const tied = order.subarray(from, to).filter((i) => labels[i] === 1).length
    positives += tied
    sum += tied * (positives / to)
    from = to
  }
  return positives === 0 ? undefinedBecause('no-positives') : measured(sum / positives)
}

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half, in [0, 1].
 * Undefined for one class only and for a score that is not finite.
 * Source: Mann & Whitney (1947), Annals of Mathematical Statistics 18(1), 50–60.
 */
export function areaUnderRoc(labels: ArrayLike<number>, scores: Float64Array): Measure {
  if (scores.length === 0) return undefinedBecause('no-observations')
  if (!scores.every(Number.isFinite)) return undefinedBecause('not-finite')
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b])
  let positives = 0
  let rankSum = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++
    const tied = order.subarray(from, to).filter((i) => labels[i] === 1).length
    positives += tied
    rankSum += tied * ((from + 1 + to) / 2)
    from = to
  }
  const negatives = order.length - positives
  if (positives === 0 || negatives === 0) return undefinedBecause('one-class')
  return measured((rankSum - (positives * (positives + 1)) / 2) / (positives * negatives))
}

const LOG_FLOOR = 1e-15

/** Mean −ln of the probability given to what happened, >= 0; probabilities are kept 1e-15 away from 0 and 1. */
export function logLoss(labels: ArrayLike<number>, probabilities: Float64Array): Measure {
  return meanLoss(probabilities, (p, i) => {
    const kept = Math.min(1 - LOG_FLOOR, Math.max(LOG_FLOOR, p))
    return labels[i] === 1 ? -Math.log(kept) : -Math.log1p(-kept)
  })
}

/** Mean squared distance of the probability from the label, in [0, 1]. Source: Brier (1950), Monthly Weather Review 78(1), 1–3. */
export function brierScore(labels: ArrayLike<number>, probabilities: Float64Array): Measure {
  return meanLoss(probabilities, (p, i) => (p - labels[i]) ** 2)
}

function meanLoss(probabilities: Float64Array, lossAt: (probability: number, row: number) => number): Measure {
  if (probabilities.length === 0) return undefinedBecause('no-observations')
  if (!probabilities.every(Number.isFinite)) return undefinedBecause('not-finite')
  return measured(probabilities.reduce((sum, p, i) => sum + lossAt(p, i), 0) / probabilities.length)
}
