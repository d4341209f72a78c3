import { expect, test } from 'vitest'
import { runView } from './run-views.ts'

const RUN = { workflowID: 'rehearse-r1', workflowName: 'rehearse', createdAt: 1, updatedAt: 5 }
const PROGRESS = { done: 3, total: undefined, unit: 'pairs', sentence: 'training 3 pairs' }

test('a run under way tells how far it has come', () => {
  expect(runView({ ...RUN, status: 'PENDING' }, PROGRESS)).toEqual({
    id: 'rehearse-r1',
    name: 'rehearse',
    state: 'running',
    startedAt: 1,
    endedAt: null,
    progress: { done: 3, total: null, unit: 'pairs' },
    sentence: 'training 3 pairs',
  })
})

test.each([
  ['ENQUEUED', 'queued', 'Waiting for a free worker'],
  ['SUCCESS', 'done', 'Ended as planned'],
  ['CANCELLED', 'cancelled', 'Cancelled'],
  ['MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'failed', 'Failed'],
])('%s is %s: %s', (status, state, sentence) => {
  expect(runView({ ...RUN, status }, undefined)).toMatchObject({ state, sentence, progress: null })
})

test('a run that failed says why, and ended when it was last heard of', () => {
  const view = runView({ ...RUN, status: 'ERROR', error: new Error('The broker is gone.') }, PROGRESS)
  expect(view).toMatchObject({ state: 'failed', sentence: 'The broker is gone.', progress: null, endedAt: 5 })
})
