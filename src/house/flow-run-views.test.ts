import { expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import type { Progress } from '#flows/run-views.ts'
import type { RunRecord, StepRecord } from '#flows/runs.ts'
import { flowRunView, placeToRetryFrom, runStepView } from './flow-run-views.ts'

const RUN: RunRecord = {
  id: 'train-XOM-CVX',
  flow: 'train',
  state: 'running',
  isTimedOut: false,
  facts: {},
  tags: [],
  cause: 'person',
  scheduledFor: undefined,
  queue: 'train',
  worker: 'worker-0',
  attempts: 1,
  parentId: undefined,
  retryOf: undefined,
  askedAt: epochMs(1_000),
  startedAt: epochMs(5_000),
  endedAt: undefined,
  request: {},
  parameters: {},
  result: undefined,
  failure: undefined,
}

const viewAt = (now: number, run = RUN, progress?: Progress) =>
  flowRunView(run, { progress, isSkipped: false, now: epochMs(now) })
const progressAt = (now: number, done: number, total: number | undefined) =>
  viewAt(now, RUN, { done, total, unit: 'epochs', sentence: 'Training' }).progress

test('the rate is that since the run began, and the time left is the rest at that rate', () => {
  expect(progressAt(15_000, 20, 50)).toEqual({ done: 20, total: 50, unit: 'epochs', perSecond: 2, leftMs: 15_000 })
})

test('before anything is done, or while the whole is not known, no time left is told', () => {
  expect(progressAt(15_000, 0, 50)).toMatchObject({ perSecond: null, leftMs: null })
  expect(progressAt(15_000, 20, undefined)).toMatchObject({ total: null, perSecond: 2, leftMs: null })
  expect(progressAt(5_000, 3, 50)).toMatchObject({ perSecond: null, leftMs: null })
})

test('more done than was thought leaves no time, not less than none', () => {
  expect(progressAt(15_000, 60, 50)).toMatchObject({ leftMs: 0 })
})

test('a run that took too long says so, and one that has not begun counts from when it was asked for', () => {
  expect(viewAt(0, { ...RUN, state: 'cancelled', isTimedOut: true }).sentence).toMatch(/longer than it may/)
  expect(viewAt(0, { ...RUN, state: 'queued', startedAt: undefined })).toMatchObject({
    startedAt: 1_000,
    sentence: 'Waiting for a free worker',
  })
})

test('a run that was skipped says why', () => {
  const result = { kind: 'skipped', reason: 'Start of day failed.' }
  const skipped = flowRunView({ ...RUN, state: 'done', result }, { progress: undefined, isSkipped: true, now: epochMs(0) })
  expect(skipped).toMatchObject({ state: 'done', isSkipped: true, sentence: 'Start of day failed.' })
})

function step(place: number, failure?: string): StepRecord {
  return { place, name: `step ${place}`, startedAt: undefined, endedAt: undefined, failure, childId: undefined }
}

test('a step that began a run lasts as long as that run, and ends as it does', () => {
  const began: StepRecord = { ...step(3), startedAt: epochMs(10), endedAt: epochMs(11), childId: 'child' }
  expect(runStepView(began, RUN)).toMatchObject({ state: 'running', startedAt: 10, endedAt: null })
  const failed: RunRecord = { ...RUN, state: 'failed', endedAt: epochMs(900), failure: 'No bars.' }
  expect(runStepView(began, failed)).toMatchObject({ state: 'failed', endedAt: 900, failure: 'No bars.' })
  expect(runStepView(began, undefined)).toMatchObject({ state: 'done', endedAt: 11 })
})

test.each([
  ['failed', [step(0), step(2, 'no bars'), step(3)], 2],
  ['cancelled', [step(0), step(1)], 2],
  ['cancelled', [], 0],
  ['done', [step(1), step(2)], 1],
] as const)('a run that is %s is retried from where it makes sense', (state, steps, place) => {
  expect(placeToRetryFrom({ state }, steps)).toBe(place)
})
