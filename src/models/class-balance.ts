import { type Outcome, ok, refuse } from '#domain/outcome.ts'

/** What a row of each class counts in a loss, so that both classes count alike and the mean over the rows is 1. */
export type ClassWeights = { readonly negative: number; readonly positive: number }

/**
 * n / (2 n of the class) for labels 0 or 1. Refused where a class does not occur.
 * Source: King & Zeng (2001), Political Analysis 9(2), 137–163, the weights for a share of one half.
 */
export function balancedWeights(labels: ArrayLike<number>): Outcome<ClassWeights, { readonly kind: 'one-class' }> {
  let positives = 0
  for (let i = 0; i < labels.length; i++) if (labels[i] === 1) positives++
  const negatives = labels.length - positives
  if (positives === 0 || negatives === 0) return refuse({ kind: 'one-class' })
  return ok({ negative: labels.length / (2 * negatives), positive: labels.length / (2 * positives) })
}
