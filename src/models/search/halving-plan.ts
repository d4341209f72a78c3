import type { SearchSpace } from './search-space.ts'

/** What a search may spend, and on what. */
export type SearchPlan = {
  readonly space: SearchSpace
  readonly seed: number
  /** Settings to try, at most; fewer where the budget does not reach. */
  readonly candidates: number
  /** One in so many goes on to the next rung, and is then given so many times the epochs; >= 2. */
  readonly keepOneIn: number
  /** Epochs of a trial on the first rung, and of one on the last. */
  readonly firstEpochs: number
  readonly lastEpochs: number
  /** Epochs of all trials together. Each rung trains anew, so that a trial's result depends on its settings alone. */
  readonly budgetEpochs: number
}

/** A round of trials with the same number of epochs. */
export type Rung = { readonly trials: number; readonly epochs: number }

/**
 * The rungs of the largest search that the budget pays for in full: n, ⌊n/η⌋, ⌊n/η²⌋ … trials with η times the epochs of the
 * rung before, up to `lastEpochs` or to a single trial. None where the budget does not pay for one trial. Throws RangeError
 * for a plan outside its domain.
 * Source: Jamieson & Talwalkar (2016), AISTATS 19, 240–248.
 */
export function rungsOf(plan: SearchPlan): readonly Rung[] {
  requireDomain(plan)
  const costOf = (rungs: readonly Rung[]) => rungs.reduce((sum, { trials, epochs }) => sum + trials * epochs, 0)
  for (let candidates = plan.candidates; candidates >= 1; candidates--) {
    const rungs = laidOut(plan, candidates)
    if (costOf(rungs) <= plan.budgetEpochs) return rungs
  }
  return []
}

function laidOut({ keepOneIn, firstEpochs, lastEpochs }: SearchPlan, candidates: number): Rung[] {
  const rungs: Rung[] = []
  let [trials, epochs] = [candidates, firstEpochs]
  while (trials >= 1) {
    rungs.push({ trials, epochs })
    if (epochs >= lastEpochs || trials === 1) break
    trials = Math.max(1, Math.floor(trials / keepOneIn))
    epochs = Math.min(lastEpochs, epochs * keepOneIn)
  }
  return rungs
}

function requireDomain({ candidates, keepOneIn, firstEpochs, lastEpochs, budgetEpochs }: SearchPlan): void {
  const seen = `${candidates} candidates, one in ${keepOneIn}, ${firstEpochs} to ${lastEpochs} epochs of ${budgetEpochs}`
  const whole = [candidates, keepOneIn, firstEpochs, lastEpochs, budgetEpochs].every(
    (value) => Number.isInteger(value) && value >= 1,
  )
  if (!whole || keepOneIn < 2 || lastEpochs < firstEpochs) {
    throw new RangeError(
      `a search needs whole numbers >= 1, keeps one in 2 at least and ends no shorter than it begins; got ${seen}`,
    )
  }
}
