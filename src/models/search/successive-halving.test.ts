import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { rungsOf, type SearchPlan } from './halving-plan.ts'
import { drawSettings, type SearchSpace } from './search-space.ts'
import { beginSearch, next, type SearchEnd, type SearchState, type Trial, type TrialResult } from './successive-halving.ts'

const SPACE: SearchSpace = {
  learningRate: { kind: 'log-uniform', from: 1e-4, until: 1e-2 },
  dropout: { kind: 'uniform', from: 0, until: 0.5 },
  sequenceBars: { kind: 'whole', from: 5, until: 20 },
  hidden: { kind: 'choice', of: [[64, 32], [32, 16], [16]] },
}
const plans: fc.Arbitrary<SearchPlan> = fc.record({
  space: fc.constant(SPACE),
  seed: fc.integer(),
  candidates: fc.integer({ min: 1, max: 18 }),
  keepOneIn: fc.integer({ min: 2, max: 4 }),
  firstEpochs: fc.integer({ min: 1, max: 5 }),
  lastEpochs: fc.integer({ min: 5, max: 60 }),
  budgetEpochs: fc.integer({ min: 1, max: 400 }),
})

/** A training whose loss depends on its settings and epochs alone; one in eight fails, and some stop early. */
function trained({ id, settings, epochs, candidate }: Trial): TrialResult {
  const random = randomStream(candidate, JSON.stringify(settings), epochs)
  const used = 1 + random.below(epochs)
  if (random.uniform() < 0.125) return { kind: 'failed', trial: id, why: 'diverged', epochs: used }
  return { kind: 'trained', trial: id, loss: Math.round(random.uniform() * 20) / 10, epochs: used }
}

type Told = { readonly results: readonly TrialResult[]; readonly end: SearchEnd; readonly asked: readonly Trial[] }

/**
 * Runs to the end, each time one of the trials that are asked for, which `pick` chooses; `between` is what happens to the
 * state.
 */
function run(plan: SearchPlan, pick: (count: number) => number, between = (state: SearchState) => state): Told {
  let turn = next(beginSearch(plan))
  const asked = new Map<string, Trial>()
  while (turn.step.kind === 'run') {
    for (const trial of turn.step.trials) asked.set(trial.id, trial)
    const { trials } = turn.step
    turn = next(between(turn.state), trained(trials[pick(trials.length)]))
  }
  return { results: turn.state.results, end: turn.step, asked: [...asked.values()] }
}
const first = () => 0

describe('successive halving', () => {
  test('never spends more than its budget, even if every trial takes all that it is given', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { asked, end } = run(plan, first)
        expect(asked.reduce((sum, { epochs }) => sum + epochs, 0)).toBeLessThanOrEqual(plan.budgetEpochs)
        expect(end.spentEpochs).toBeLessThanOrEqual(plan.budgetEpochs)
        expect(rungsOf(plan).reduce((sum, { trials, epochs }) => sum + trials * epochs, 0)).toBeLessThanOrEqual(plan.budgetEpochs)
      }),
      { numRuns: 40 },
    )
  })

  test('keeps the best of every rung, and ends with the best of the last', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { results, end, asked } = run(plan, first)
        const losses = new Map(results.flatMap((result) => (result.kind === 'trained' ? [[result.trial, result.loss]] : [])))
        const rungs = Map.groupBy(asked, ({ rung }) => rung)
        for (const [rung, trials] of rungs) {
          const best = Math.min(...trials.map(({ id }) => losses.get(id) ?? Number.POSITIVE_INFINITY))
          const survivors = rungs.get(rung + 1)
          if (survivors) {
            const kept = survivors.map(({ candidate }) => losses.get(`${candidate}-${rung}`))
            expect(Math.min(...kept.map((loss) => loss ?? Number.NaN))).toBe(best)
          } else if (Number.isFinite(best)) expect(end.best?.loss).toBe(best)
        }
        expect(end.best === undefined).toBe(losses.size === 0)
      }),
      { numRuns: 40 },
    )
  })

  test('counts every setting that was tried, failed ones too', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { end } = run(plan, first)
        expect(end.tries).toBe(rungsOf(plan)[0]?.trials ?? 0)
      }),
      { numRuns: 40 },
    )
  })

  test('ends the same when it is stored and read again between any two steps, and in whatever order results come', () => {
    fc.assert(
      fc.property(plans, fc.integer(), (plan, seed) => {
        const { end } = run(plan, first)
        const { below } = randomStream(seed, 'order')
        expect(run(plan, first, (state) => JSON.parse(JSON.stringify(state))).end).toEqual(end)
        expect(run(plan, below).end).toEqual(end)
      }),
      { numRuns: 25 },
    )
  })

  test('takes a result once, and none that it did not ask for', () => {
    const plan = { space: SPACE, seed: 1, candidates: 4, keepOneIn: 2, firstEpochs: 2, lastEpochs: 8, budgetEpochs: 100 }
    const { state } = next(beginSearch(plan), { kind: 'trained', trial: '0-0', loss: 1, epochs: 2 })
    expect(next(state, { kind: 'trained', trial: '0-0', loss: 0, epochs: 2 }).state).toBe(state)
    expect(() => next(state, { kind: 'trained', trial: '0-1', loss: 0, epochs: 2 })).toThrow(RangeError)
    expect(() => next(state, { kind: 'trained', trial: '1-0', loss: 0, epochs: 3 })).toThrow(RangeError)
    expect(() => next(state, { kind: 'trained', trial: '1-0', loss: Number.NaN, epochs: 2 })).toThrow(RangeError)
    expect(rungsOf(plan)).toEqual([
      { trials: 4, epochs: 2 },
      { trials: 2, epochs: 4 },
      { trials: 1, epochs: 8 },
    ])
    expect(() => beginSearch({ ...plan, keepOneIn: 1 })).toThrow(RangeError)
  })
})

test('settings lie in their space, follow from the seed, and not from the order in which the space is written', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const settings = drawSettings(SPACE, randomStream(seed, 'space'))
      const { learningRate, dropout, sequenceBars } = settings
      expect(Number(learningRate) >= 1e-4 && Number(learningRate) <= 1e-2).toBe(true)
      expect(Number(dropout) >= 0 && Number(dropout) <= 0.5).toBe(true)
      expect(Number.isInteger(sequenceBars) && Number(sequenceBars) >= 5 && Number(sequenceBars) <= 20).toBe(true)
      const turned = Object.fromEntries(Object.entries(SPACE).toReversed())
      expect(drawSettings(turned, randomStream(seed, 'space'))).toEqual(settings)
    }),
  )
  expect(() => drawSettings({ a: { kind: 'log-uniform', from: 0, until: 1 } }, randomStream(1))).toThrow(RangeError)
  expect(() => drawSettings({ a: { kind: 'choice', of: [] } }, randomStream(1))).toThrow(RangeError)
})
