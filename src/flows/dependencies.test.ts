import { DBOS } from '@dbos-inc/dbos-sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs, instantFrom, MINUTE_MS } from '#domain/units.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { freshDatabase } from '../../test/database.ts'
import type { Dependency } from './catalog.ts'
import { type ConnectedRuns, connectRuns } from './connect-runs.client.ts'
import { dependencySteps } from './dependencies.steps.ts'
import { type DependencySeen, type DependencyVerdict, dependencyVerdict } from './dependency-verdict.ts'
import { gated, isSkipped, type RunTerms } from './gated.flow.ts'
import { quietLogger } from './quiet-logger.ts'
import { keepSchedule, pauseSchedule, saveHandled } from './schedules.store.ts'

const DAY = '2018-03-05' as SessionDate
const AT = instantFrom('2018-03-05T14:25:00Z')
const SUCCEEDED: Dependency = { flow: 'start-of-day', until: 'succeeded' }
const ENDED: Dependency = { flow: 'start-of-day', until: 'ended' }

describe('a verdict', () => {
  type Seen = Partial<DependencySeen>
  const done = { id: 'start-of-day-2018-03-05', state: 'done', failure: undefined } as const
  const failed = { ...done, state: 'failed', failure: 'Yahoo is gone' } as const
  const running = { ...done, state: 'running' } as const
  const late = { now: epochMs(AT + MINUTE_MS) }

  test.each<[string, Dependency, Seen, string]>([
    ['it has succeeded', SUCCEEDED, { runs: [done] }, 'met'],
    ['an earlier try failed', SUCCEEDED, { runs: [done, failed] }, 'met'],
    ['it has failed', SUCCEEDED, { runs: [failed] }, 'start-of-day-2018-03-05 failed: Yahoo is gone'],
    ['it was cancelled', SUCCEEDED, { runs: [{ ...done, state: 'cancelled' }] }, 'start-of-day-2018-03-05 was cancelled'],
    ['it is tried again', SUCCEEDED, { runs: [running, failed] }, 'wait'],
    ['it is under way', ENDED, { runs: [running] }, 'wait'],
    [
      'it is still under way',
      ENDED,
      { runs: [running], ...late },
      'start-of-day-2018-03-05 had not ended when it was too late to begin',
    ],
    ['it has failed, and that is an end', ENDED, { runs: [failed] }, 'met'],
    [
      'it has failed before its time',
      SUCCEEDED,
      { runs: [failed], isExpected: true },
      'start-of-day-2018-03-05 failed: Yahoo is gone',
    ],
    ['it is yet to begin', SUCCEEDED, { isExpected: true }, 'wait'],
    ['it is yet to begin', ENDED, { isExpected: true }, 'wait'],
    ['nobody ever began it', SUCCEEDED, { isExpected: true, ...late }, 'no start-of-day of 2018-03-05 has begun'],
    ['it is not to begin', SUCCEEDED, {}, 'no start-of-day of 2018-03-05 has begun'],
    ['it is not to begin, and nobody waits for it', ENDED, {}, 'met'],
  ])('%s (%o)', (_, dependency, seen, expected) => {
    const inTimeUntil = epochMs(AT + MINUTE_MS)
    const verdict = dependencyVerdict({ dependency, day: DAY, runs: [], isExpected: false, now: AT, inTimeUntil, ...seen })
    expect(verdict.kind === 'unmet' ? verdict.reason : verdict.kind).toBe(expected)
  })
})

describe('looking', () => {
  let database: Database
  let runs: ConnectedRuns
  beforeAll(async () => {
    database = await freshDatabase()
    runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
  })
  afterAll(async () => {
    await runs.close()
    await database.close()
  })
  beforeEach(async () => {
    await database.pool.query('truncate spreadworks.schedules')
    await database.pool.query('delete from dbos.workflow_status')
  })
  const terms: RunTerms = { day: DAY, facts: {}, inTimeUntil: epochMs(AT + 30 * MINUTE_MS) }
  const never = new AbortController().signal
  const beginIt = (facts = { day: DAY as string }) =>
    runs.start({ flow: 'start-of-day', runId: `start-of-day-${facts.day}`, parameters: {}, facts, cause: 'schedule' })
  const look = (at = AT, dependency = ENDED) => {
    const timer = virtualTimer(at)
    return timer.through(dependencySteps({ sql: database.pool, runs, timer }).look(dependency, terms, never))
  }

  test('waits for the day’s run while it is queued, and not for another day’s', async () => {
    await beginIt({ day: '2018-03-02' })
    expect(await look()).toEqual({ kind: 'met' })
    await beginIt()
    expect(await look()).toEqual({ kind: 'wait' })
  })

  test('waits for an occurrence of the day that nobody has handled, unless its schedule rests', async () => {
    await keepSchedule(database.pool, 'start-of-day', '06:00 on trading days', instantFrom('2018-03-04T00:00:00Z'))
    expect(await look()).toEqual({ kind: 'wait' })
    await pauseSchedule(database.pool, 'start-of-day', 'ann', AT)
    expect(await look()).toEqual({ kind: 'met' })
  })

  test('does not wait for one that was handled without a run', async () => {
    const handledThrough = instantFrom('2018-03-05T11:00:00Z')
    await keepSchedule(database.pool, 'start-of-day', '06:00 on trading days', handledThrough)
    await saveHandled(database.pool, { flow: 'start-of-day', handledThrough, lastRun: undefined })
    expect(await look()).toEqual({ kind: 'met' })
    expect(await look(AT, SUCCEEDED)).toMatchObject({ kind: 'unmet' })
  })

  test('ends as unmet when it is too late, within the step that saw it', async () => {
    await beginIt()
    expect(await look(epochMs(terms.inTimeUntil - 5_000))).toMatchObject({ kind: 'unmet' })
  })

  test('ends at once when its run is cancelled', async () => {
    await beginIt()
    const timer = virtualTimer(AT)
    const verdict = await dependencySteps({ sql: database.pool, runs, timer }).look(ENDED, terms, AbortSignal.abort())
    expect(verdict).toEqual({ kind: 'wait' })
  })
})

describe('a gated flow', () => {
  const kinds: DependencyVerdict['kind'][] = []
  const look = async (): Promise<DependencyVerdict> => {
    const kind = kinds.shift() ?? 'met'
    return kind === 'unmet' ? { kind, reason: 'why' } : { kind }
  }
  const termsOf = (): RunTerms => ({ day: DAY, facts: {}, inTimeUntil: AT })
  const bodies: number[] = []
  const flow = DBOS.registerWorkflow(
    gated({ look }, { flow: 'signals', termsOf }, async (n: number) => bodies.push(n)),
    { name: 'gated-in-a-test' },
  )
  let database: Database
  beforeAll(async () => {
    database = await freshDatabase()
    DBOS.setConfig({
      ...{ name: 'spreadworks', systemDatabaseUrl: database.url, logger: quietLogger(() => {}) },
      executorID: 'a-test',
    })
    await DBOS.launch()
  })
  afterAll(async () => {
    await DBOS.shutdown()
    await database.close()
  })
  beforeEach(() => bodies.splice(0))

  test('waits step by step, and begins once what it comes after is met', async () => {
    kinds.push('wait', 'wait', 'met')
    const run = await DBOS.startWorkflow(flow)(7)
    expect(await run.getResult()).toBe(1)
    const steps = (await DBOS.listWorkflowSteps(run.workflowID)) ?? []
    expect(steps.map(({ name }) => name)).toEqual(Array(3).fill('await-start-of-day'))
    expect(bodies).toEqual([7])
  })

  test('ends as skipped with the reason when that is unmet, and never begins', async () => {
    kinds.push('unmet')
    const result = await flow(7)
    expect([result, isSkipped(result), isSkipped({ kind: 'met' })]).toEqual([{ kind: 'skipped', reason: 'why' }, true, false])
    expect(bodies).toEqual([])
  })
})
