import { randomStream } from '#domain/random.ts'
import { rungsOf, type SearchPlan } from './halving-plan.ts'
import { drawSettings, type Settings } from './search-space.ts'

/** A training that is asked for. */
export type Trial = {
  /** `candidate`-`rung`, the same wherever it is derived. */
  readonly id: string
  readonly candidate: number
  readonly rung: number
  readonly settings: Settings
  /** Epochs that it may take. */
  readonly epochs: number
}

/** What became of a trial. `loss` is of the validation part (never of the test part), finite, lower is better. */
export type TrialResult =
  | { readonly kind: 'trained'; readonly trial: string; readonly loss: number; readonly epochs: number }
  /** It counts as a try all the same. */
  | { readonly kind: 'failed'; readonly trial: string; readonly why: string; readonly epochs: number }

/** A search as data: what was asked for and what came back, in the order in which it came. */
export type SearchState = { readonly plan: SearchPlan; readonly results: readonly TrialResult[] }

/** What was found, and how often was tried: the number that a score must be deflated by. */
export type SearchEnd = {
  readonly kind: 'done'
  /**
   * Of those that got furthest the one with the least loss, the earlier drawn of two equals; undefined where all failed or
   * none was paid for.
   */
  readonly best: { readonly trial: Trial; readonly loss: number } | undefined
  /** Different settings that were tried, failed ones included. */
  readonly tries: number
  readonly spentEpochs: number
}

export type SearchStep = { readonly kind: 'run'; readonly trials: readonly Trial[] } | SearchEnd

export function beginSearch(plan: SearchPlan): SearchState {
  rungsOf(plan)
  return { plan, results: [] }
}

/**
 * Takes in a result, if there is one, and says what comes next: the trials of the rung that have no result yet, in any order
 * or at once, or the end. It depends on the state alone: a state that was stored and read again goes on as if nothing had
 * happened, and the order of results within a rung does not matter. A second result for a trial changes nothing. Throws
 * RangeError for a result of no trial that was asked for, with more epochs than it was given, or with a loss that is not
 * finite.
 */
export function next(state: SearchState, result?: TrialResult): { readonly state: SearchState; readonly step: SearchStep } {
  if (result === undefined || state.results.some(({ trial }) => trial === result.trial)) return { state, step: stepOf(state) }
  requireAskedFor(state, result)
  const after = { ...state, results: [...state.results, result] }
  return { state: after, step: stepOf(after) }
}

function stepOf(state: SearchState): SearchStep {
  const { trials, losses } = latestRung(state)
  const waiting = trials.filter(({ id }) => !losses.has(id))
  if (waiting.length > 0) return { kind: 'run', trials: waiting }
  return endOf(state)
}

type RungReached = { readonly trials: readonly Trial[]; readonly losses: ReadonlyMap<string, number> }

/** The trials of the furthest rung that was begun, and the losses that are known; a failed trial's is infinite. */
function latestRung({ plan, results }: SearchState): RungReached {
  const losses = new Map(
    results.map((result) => [result.trial, result.kind === 'trained' ? result.loss : Number.POSITIVE_INFINITY]),
  )
  const [first, ...later] = rungsOf(plan)
  if (first === undefined) return { trials: [], losses }
  let trials = Array.from({ length: first.trials }, (_, candidate) => trialOf(plan, { candidate, rung: 0, epochs: first.epochs }))
  for (const [i, { trials: places, epochs }] of later.entries()) {
    const survivors = ranked(trials, losses).slice(0, places)
    if (trials.some(({ id }) => !losses.has(id)) || survivors.length === 0) break
    const candidates = survivors.map(({ candidate }) => candidate).sort((a, b) => a - b)
    trials = candidates.map((candidate) => trialOf(plan, { candidate, rung: i + 1, epochs }))
  }
  return { trials, losses }
}

/** Trials with a finite loss, the least first; of two equals the earlier drawn. */
function ranked(trials: readonly Trial[], losses: ReadonlyMap<string, number>): Trial[] {
  const lossOf = ({ id }: Trial) => losses.get(id) ?? Number.POSITIVE_INFINITY
  return trials
    .filter((trial) => Number.isFinite(lossOf(trial)))
    .sort((a, b) => lossOf(a) - lossOf(b) || a.candidate - b.candidate)
}

function trialOf(plan: SearchPlan, { candidate, rung, epochs }: Pick<Trial, 'candidate' | 'rung' | 'epochs'>): Trial {
  const settings = drawSettings(plan.space, randomStream(plan.seed, 'search', candidate))
  return { id: `${candidate}-${rung}`, candidate, rung, settings, epochs }
}

function endOf(state: SearchState): SearchEnd {
  const { results, plan } = state
  const tries = new Set(results.map(({ trial }) => trial.split('-')[0])).size
  const spentEpochs = results.reduce((sum, { epochs }) => sum + epochs, 0)
  const rungs = rungsOf(plan)
  const furthest = results
    .filter((result) => result.kind === 'trained')
    .map(({ trial, loss }) => ({ loss, place: trial.split('-').map(Number) }))
    .sort((a, b) => b.place[1] - a.place[1] || a.loss - b.loss || a.place[0] - b.place[0])
  const [winner] = furthest
  if (winner === undefined) return { kind: 'done', best: undefined, tries, spentEpochs }
  const [candidate, rung] = winner.place
  const trial = trialOf(plan, { candidate, rung, epochs: rungs[rung].epochs })
  return { kind: 'done', best: { trial, loss: winner.loss }, tries, spentEpochs }
}

function requireAskedFor(state: SearchState, result: TrialResult): void {
  const step = stepOf(state)
  const asked = step.kind === 'run' ? step.trials.find(({ id }) => id === result.trial) : undefined
  if (asked === undefined) throw new RangeError(`trial ${result.trial} was not asked for`)
  if (!(result.epochs >= 0 && result.epochs <= asked.epochs)) {
    throw new RangeError(`trial ${result.trial} may take ${asked.epochs} epochs, and took ${result.epochs}`)
  }
  if (result.kind === 'trained' && !Number.isFinite(result.loss)) {
    throw new RangeError(`the loss of trial ${result.trial} must be finite, got ${result.loss}`)
  }
}
