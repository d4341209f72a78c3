import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { MissedRun } from '#alerts/missed-run.ts'
import type { Database } from '#database/connection.client.ts'
import { Fault } from '#domain/fault.ts'
import { type EpochMs, instantFrom, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { type StandingTime, timeFrom, until } from '../../test/standing-time.ts'
import { type ConnectedRuns, connectRuns } from './connect-runs.client.ts'
import type { FlowName } from './flow-names.ts'
import type { Occasion, PlannedRun } from './plans.ts'
import { type RefusedRun, refusedRun } from './refused-run.ts'
import type { RunStart } from './runs.ts'
import { openScheduler, type SchedulerOptions } from './scheduler.client.ts'
import { pauseSchedule, resumeSchedule, scheduleRecord } from './schedules.store.ts'

/** A Monday morning, in standard time. */
const START = instantFrom('2018-03-05T10:00:00Z')
/** Ten minutes before its open. */
const BEFORE_OPEN = instantFrom('2018-03-05T14:20:00Z')

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

const plan = (flow: FlowName, { at }: Occasion): Promise<PlannedRun> =>
  Promise.resolve({ runId: `${flow}-${isoFrom(at)}`, parameters: {}, facts: {} })

/** A scheduler on `time`, what it began and how long after its instant, and what it told. */
function schedulerOn(time: StandingTime, phrases: Partial<Record<FlowName, string>>, options: Partial<SchedulerOptions> = {}) {
  const begun: { readonly flow: FlowName; readonly at: EpochMs; readonly lagMs: number }[] = []
  const missed: MissedRun[] = []
  const refused: RefusedRun[] = []
  const trouble: string[] = []
  const start = async (run: RunStart) => {
    await runs.start(run)
    begun.push({ flow: run.flow, at: run.scheduledFor ?? START, lagMs: time.now() - (run.scheduledFor ?? 0) })
  }
  time.awake++
  const scheduler = openScheduler({
    ...{ sql: database.pool, runs: { ...runs, start }, plan, timer: time, graceMs: MINUTE_MS },
    schedules: new Map(Object.entries(phrases) as [FlowName, string][]),
    onMissed: async (some) => void missed.push(...some),
    onRefused: async (some) => void refused.push(...some),
    onTrouble: (sentence) => void trouble.push(sentence),
    ...options,
  })
  return { begun, missed, refused, trouble, close: () => scheduler.close().then(() => void time.awake--) }
}

async function idsBegun(): Promise<string[]> {
  return (await runs.find({ limit: 1000 })).map(({ id }) => id).sort()
}

test('each occurrence begins once, within a second of its instant, and the past is nobody’s business at the first start', async () => {
  const time = timeFrom(BEFORE_OPEN)
  const phrases = { signals: 'every 30 minutes in session', 'start-of-day': '5 minutes before each open', backup: '09:22 daily' }
  const { begun, missed, trouble, close } = schedulerOn(time, phrases)
  await until(time, '2018-03-05T16:10:00Z')
  await close()
  expect(begun.map(({ flow }) => flow)).toEqual(['backup', 'start-of-day', ...Array(3).fill('signals')])
  expect(begun.filter(({ lagMs }) => lagMs < 0 || lagMs >= 1000)).toEqual([])
  expect([missed, trouble]).toEqual([[], []])
  const at = instantFrom('2018-03-05T14:22:00Z')
  const [record] = await runs.find({ flows: ['backup'], limit: 1 })
  expect(record).toMatchObject({ cause: 'schedule', scheduledFor: at, state: 'queued' })
  expect(await scheduleRecord(database.pool, 'backup')).toMatchObject({ lastRun: { id: `backup-${isoFrom(at)}`, at } })
})

describe('while no process runs', () => {
  test.each<[FlowName, string, string[]]>([
    ['load-news', 'skip', []],
    ['backup', 'last', ['2018-03-08']],
    ['end-of-day', 'all', ['2018-03-06', '2018-03-07', '2018-03-08']],
  ])('three days of %s (%s) are each told once, and made up for as the policy says', async (flow, _, madeUp) => {
    const before = schedulerOn(timeFrom(instantFrom('2018-03-05T20:00:00Z')), { [flow]: '01:00 daily' })
    await before.close()
    const { begun, missed, close } = schedulerOn(timeFrom(instantFrom('2018-03-08T20:00:00Z')), { [flow]: '01:00 daily' })
    await close()
    expect(begun.map(({ at }) => isoFrom(at).slice(0, 10))).toEqual(madeUp)
    expect(missed).toEqual(
      ['2018-03-06', '2018-03-07', '2018-03-08'].map((date) => {
        return { flow, scheduledFor: instantFrom(`${date}T06:00:00Z`), willRun: madeUp.includes(date) }
      }),
    )
  })
})

describe('two processes', () => {
  test('begin each occurrence once between them', async () => {
    const time = timeFrom(BEFORE_OPEN)
    const both = [1, 2].map(() => schedulerOn(time, { signals: 'every 5 minutes in session' }))
    await until(time, '2018-03-05T15:30:00Z')
    await Promise.all(both.map(({ close }) => close()))
    const ids = both.flatMap(({ begun }) => begun.map(({ at }) => at))
    expect(ids).toHaveLength(12)
    expect(new Set(ids).size).toBe(12)
    expect(await idsBegun()).toHaveLength(12)
  })

  test('of which one is killed after it began a run and before it said so: once, and nothing is missed', async () => {
    const time = timeFrom(BEFORE_OPEN)
    const [died, grave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const start = async (run: RunStart) => {
      await runs.start(run)
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
      )
      time.awake--
      died.resolve()
      await grave.promise
    }
    const killed = schedulerOn(time, { signals: 'every 30 minutes in session' }, { runs: { ...runs, start } })
    await Promise.all([died.promise, until(time, '2018-03-05T15:00:00Z')])
    // Longer than the grace.
    await time.advance(10 * MINUTE_MS)
    const { missed, begun, close } = schedulerOn(time, { signals: 'every 30 minutes in session' })
    await until(time, '2018-03-05T15:40:00Z')
    await close()
    expect(await idsBegun()).toEqual(['signals-2018-03-05T15:00:00.000Z', 'signals-2018-03-05T15:30:00.000Z'])
    expect(begun).toHaveLength(1)
    expect(missed).toEqual([])
    grave.resolve()
    await killed.close()
  })
})

test('what is due while PostgreSQL is away begins when it is back', async () => {
  const time = timeFrom(START)
  const { begun, trouble, missed, close } = schedulerOn(time, { 'start-of-day': '06:00 on trading days' })
  await until(time, '2018-03-05T10:59:59.500Z')
  const { pool } = database
  await pool.query('alter table spreadworks.schedules rename to away')
  await until(time, '2018-03-05T11:00:10Z')
  expect([begun, trouble.length]).toEqual([[], 1])
  await pool.query('alter table spreadworks.away rename to schedules')
  await until(time, '2018-03-05T11:00:12Z')
  await close()
  expect(begun.map(({ lagMs }) => lagMs < 12_000)).toEqual([true])
  expect(missed).toEqual([])
})

describe('a pause', () => {
  test('begins nothing, and what lay in it is not made up for when it ends', async () => {
    const time = timeFrom(START)
    const { begun, missed, close } = schedulerOn(time, { 'end-of-day': 'hourly from 06:00 through 15:00 on trading days' })
    await until(time, '2018-03-05T10:30:00Z')
    expect(await pauseSchedule(database.pool, 'end-of-day', 'ann', time.now())).toBe(true)
    expect(await pauseSchedule(database.pool, 'end-of-day', 'bob', time.now())).toBe(false)
    await until(time, '2018-03-05T12:30:00Z')
    expect(begun).toEqual([])
    expect(await resumeSchedule(database.pool, 'end-of-day', time.now())).toBe(instantFrom('2018-03-05T10:30:00Z'))
    expect(await resumeSchedule(database.pool, 'end-of-day', time.now())).toBeUndefined()
    await until(time, '2018-03-05T13:30:00Z')
    await close()
    expect(begun.map(({ at }) => isoFrom(at))).toEqual(['2018-03-05T13:00:00.000Z'])
    expect(missed).toEqual([])
  })

  test('counts from its beginning: what was due before it is handled while it goes on', async () => {
    await schedulerOn(timeFrom(START), { backup: '02:00 daily' }).close()
    await pauseSchedule(database.pool, 'backup', 'ann', instantFrom('2018-03-06T12:00:00Z'))
    const { begun, close } = schedulerOn(timeFrom(instantFrom('2018-03-08T12:00:00Z')), { backup: '02:00 daily' })
    await close()
    expect(begun.map(({ at }) => isoFrom(at))).toEqual(['2018-03-06T07:00:00.000Z'])
  })
})

describe('another phrase', () => {
  test('comes into force when what the one before left open was handled, and begins nothing of the past', async () => {
    await schedulerOn(timeFrom(START), { backup: '02:00 daily' }).close()
    const time = timeFrom(instantFrom('2018-03-06T12:00:00Z'))
    const { begun, close } = schedulerOn(time, { backup: '08:00 daily' })
    await until(time, '2018-03-06T13:10:00Z')
    await close()
    expect(begun.map(({ at }) => isoFrom(at))).toEqual(['2018-03-06T07:00:00.000Z', '2018-03-06T13:00:00.000Z'])
  })

  test('that is empty ends the schedule', async () => {
    await schedulerOn(timeFrom(START), { backup: '06:00 daily' }).close()
    const time = timeFrom(instantFrom('2018-03-05T10:45:00Z'))
    const { begun, close } = schedulerOn(time, { backup: '' })
    await until(time, '2018-03-05T11:10:00Z')
    await close()
    expect(begun).toEqual([])
  })
})

test('a run that cannot be planned is told with the reason, and the next ones begin', async () => {
  const time = timeFrom(BEFORE_OPEN)
  const first = instantFrom('2018-03-05T15:00:00Z')
  const { begun, refused, close } = schedulerOn(
    time,
    { signals: 'every 30 minutes in session' },
    {
      plan: (flow, occasion) =>
        occasion.at === first ? Promise.reject(new Fault('NO_MODELS', 'There are none.')) : plan(flow, occasion),
    },
  )
  await until(time, '2018-03-05T15:45:00Z')
  await close()
  expect(refused).toEqual([{ flow: 'signals', scheduledFor: first, sentence: 'There are none.' }])
  expect(refused.map(refusedRun)).toMatchObject([
    { key: 'missed:signals:2018-03-05', body: 'Its run of 2018-03-05T15:00:00.000Z could not begin: There are none.' },
  ])
  expect(begun.map(({ at }) => isoFrom(at))).toEqual(['2018-03-05T15:30:00.000Z'])
})

describe('the machine’s clock', () => {
  test('after the machine slept, or its clock was set on, what is due begins within a second', async () => {
    const time = timeFrom(START)
    const { begun, close } = schedulerOn(time, { backup: '20:00 daily' })
    await until(time, '2018-03-05T10:30:00.300Z')
    time.shiftMs = instantFrom('2018-03-06T01:00:00Z') - time.now()
    await until(time, '2018-03-06T01:00:05Z')
    await close()
    expect(begun.map(({ lagMs }) => lagMs < 1000)).toEqual([true])
  })

  test('when it was set back, nothing begins twice, and the next is not slept over', async () => {
    const time = timeFrom(START)
    const { begun, missed, close } = schedulerOn(time, { hourly: 'hourly from 06:00 through 15:00 on trading days' })
    await until(time, '2018-03-05T11:10:00Z')
    time.shiftMs = -20 * MINUTE_MS
    await until(time, '2018-03-05T12:10:00Z')
    await close()
    expect(missed).toEqual([])
    expect(begun.map(({ at }) => isoFrom(at).slice(11, 16))).toEqual(['11:00', '12:00'])
    expect(begun.every(({ lagMs }) => lagMs < 1000)).toBe(true)
  })
})

test('when the clock was set back while a schedule had to wait, it does not wait for the old time', async () => {
  const time = timeFrom(instantFrom('2018-03-05T20:00:00Z'))
  const away = () => database.pool.query('alter table spreadworks.schedules rename to away')
  await away()
  const { begun, close } = schedulerOn(time, { backup: '07:00 daily' })
  await until(time, '2018-03-05T20:00:05Z')
  time.shiftMs = -9 * 60 * MINUTE_MS
  await database.pool.query('alter table spreadworks.away rename to schedules')
  await until(time, '2018-03-05T12:00:05Z')
  await close()
  expect(begun.map(({ lagMs }) => lagMs < 1000)).toEqual([true])
})

test('between two occurrences the database is asked every ten minutes, and the clock once a second', async () => {
  const time = timeFrom(START)
  let asked = 0
  database.pool.on('acquire', () => asked++)
  const { close } = schedulerOn(time, { backup: '20:00 daily' })
  await until(time, '2018-03-05T11:00:00Z')
  await close()
  database.pool.removeAllListeners('acquire')
  expect(asked).toBeLessThanOrEqual(8)
  expect(time.looks).toBeLessThanOrEqual(3601)
})
