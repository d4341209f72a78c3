import { expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { engineQuery, recordOf } from './run-records.ts'

const RUN = { workflowID: 'train-XOM-CVX-2018-03-28', workflowName: 'train', createdAt: 1, updatedAt: 5 }

test.each([
  ['ENQUEUED', 'queued', undefined],
  ['DELAYED', 'queued', undefined],
  ['PENDING', 'running', undefined],
  ['SUCCESS', 'done', 5],
  ['CANCELLED', 'cancelled', 5],
  ['ERROR', 'failed', 5],
  ['MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'failed', 5],
])('%s is %s', (status, state, endedAt) => {
  expect(recordOf({ ...RUN, status })).toMatchObject({ state, endedAt })
})

test('a run that failed says why, and one whose worker was lost again and again says that', () => {
  const error = new Error('The broker is gone.')
  expect(recordOf({ ...RUN, status: 'ERROR', error }).failure).toBe('The broker is gone.')
  const lost = { ...RUN, status: 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', recoveryAttempts: 101 }
  expect(recordOf(lost).failure).toBe('Its worker was lost 101 times, each time it was begun')
  expect(recordOf({ ...RUN, status: 'SUCCESS', error }).failure).toBeUndefined()
})

test('only a run that was cancelled at its deadline took too long', () => {
  const cancelled = { ...RUN, status: 'CANCELLED', completedAt: 10 }
  expect(recordOf({ ...cancelled, deadlineEpochMS: 9 }).isTimedOut).toBe(true)
  expect(recordOf({ ...cancelled, deadlineEpochMS: 11 }).isTimedOut).toBe(false)
  expect(recordOf(cancelled).isTimedOut).toBe(false)
})

test('a run of an earlier version, of which nothing else was kept, has its flow’s tags and queue', () => {
  const old = { ...RUN, status: 'SUCCESS', executorId: 'worker-0' }
  expect(recordOf(old)).toMatchObject({ tags: ['models'], facts: {}, cause: 'person', queue: 'train', worker: 'worker-0' })
  expect(recordOf({ ...old, parentWorkflowID: 'x' })).toMatchObject({ cause: 'flow', parentId: 'x' })
  expect(recordOf({ ...old, forkedFrom: 'y' })).toMatchObject({ cause: 'retry', retryOf: 'y' })
  expect(recordOf({ ...old, workflowName: 'gone' })).toMatchObject({ tags: [], queue: undefined })
})

test('the end of a search is not in it, and every state is asked by the engine’s names', () => {
  const query = engineQuery({ states: ['failed', 'queued'], since: epochMs(0), until: epochMs(1_000), limit: 5 })
  expect(query).toEqual({
    status: ['ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'ENQUEUED', 'DELAYED'],
    startTime: '1970-01-01T00:00:00.000Z',
    endTime: '1970-01-01T00:00:00.999Z',
    hasParent: false,
    limit: 5,
    sortDesc: true,
  })
})
