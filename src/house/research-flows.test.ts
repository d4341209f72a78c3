import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { latestScreen } from '#desk/screens.store.ts'
import { epochMs } from '#domain/units.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { resultsOf } from '#flows/flow-results.store.ts'
import type { RecyclerFinding } from '#flows/recycler-check.flow.ts'
import { freshDatabase } from '../../test/database.ts'
import { LAST_DAY, openSmallHouse, type SmallHouse, storeSmallMarket } from '../../test/rehearsal/small-market.ts'
import { flowPlans, startFlow } from './flow-plans.client.ts'

let [database, house] = [undefined as unknown as Database, undefined as unknown as SmallHouse]
beforeAll(async () => {
  database = await freshDatabase()
  await storeSmallMarket(database)
  house = await openSmallHouse(databaseAt(database.url, 5), { SPREADWORKS_SIGNALS_EVERY_MINUTES: '30' })
})
afterAll(async () => {
  await house.close()
  await database.close()
})

const NOW = epochMs(Date.parse('2024-07-08T12:00:00Z'))

function asked(flow: FlowName, fields: object = {}, isAgain = false) {
  const plans = flowPlans({ ...house, runs: house.engine })
  return startFlow({ runs: house.engine, plans }, flow, { fields: { ...fields }, occasion: { kind: 'person', at: NOW }, isAgain })
}

async function done<T>(flow: FlowName, fields: object = {}, isAgain = false) {
  const started = await asked(flow, fields, isAgain)
  return { ...started, result: await house.engine.result<T>(started.runId) }
}

test('every flow begins with no field at all, or says in a sentence why it cannot', async () => {
  const plans = flowPlans({ ...house, runs: house.engine })
  const refused: string[] = []
  for (const [flow, { plan }] of plans) {
    const planned = await plan({}, { kind: 'person', at: NOW }).catch((fault) =>
      refused.push(`${flow} ${fault.code} ${fault.exitCode}`),
    )
    if (typeof planned === 'object') expect(planned.runId).toContain(flow)
    await expect(plan({ moon: 1 }, { kind: 'person', at: NOW })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('moon'),
    })
  }
  expect(refused).toEqual(['market-stream ALPACA_KEYS_MISSING 2', 'signals ACCOUNT_MISSING 2', 'train PAIR_NOT_SHORTLISTED 2'])
})

test('a wrong field is named with its value and what is allowed', async () => {
  await expect(asked('end-of-day', { day: 'soon' })).rejects.toMatchObject({
    ...{ code: 'FLOW_PARAMETERS_WRONG', exitCode: 2 },
    message: expect.stringMatching(/^The flow end-of-day cannot begin with day "soon": it must be a date, written as YYYY-MM-DD/),
  })
  await expect(asked('identify-pairs', { day: '2024-07-04' })).rejects.toMatchObject({ code: 'DAY_CLOSED' })
  await expect(asked('train', { pair: 'XOM' })).rejects.toMatchObject({ code: 'FLOW_PARAMETERS_WRONG' })
})

test('pairs are identified on demand in a book of their own, once, and again when that is asked for', async () => {
  const first = await done('identify-pairs', { day: LAST_DAY })
  expect(first).toMatchObject({ runId: `identify-pairs-${LAST_DAY}`, isNew: true })
  const screen = await latestScreen(database.pool, {})
  expect(screen).toMatchObject({ day: LAST_DAY, book: `backtest:identify-pairs-${LAST_DAY}` })
  const { rows } = await database.pool.query(
    `select s.data_hash = p.data_hash as same, (select count(*)::int from spreadworks.variance_stability where preparation_id = p.id) as symbols
     from spreadworks.screens s join spreadworks.preparations p using (book, day)`,
  )
  expect(rows).toEqual([{ same: true, symbols: 4 }])
  expect(await asked('identify-pairs', { day: LAST_DAY })).toMatchObject({ runId: first.runId, isNew: false })
  const again = await done('identify-pairs', { day: LAST_DAY }, true)
  expect(again).toMatchObject({ runId: `${first.runId}-2`, isNew: true })
  const results = await resultsOf(database.pool, [first.runId, again.runId, `${again.runId}-preprocess`])
  expect(
    [...results.values()]
      .flat()
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(['preparation', 'screen', 'screen'])
})

test('a pair that a screen shortlisted is trained on demand, under a business id, and the model is linked', async () => {
  const pair = (await latestScreen(database.pool, { verdict: 'shortlisted' }))?.pairs[0]?.pair
  const { runId, result } = await done<string>('train', { pair, day: LAST_DAY })
  expect(runId).toBe(`train-${pair}-${LAST_DAY}`)
  const left = (await resultsOf(database.pool, [runId])).get(runId)
  expect(left).toMatchObject([{ kind: 'model', reference: result, book: `backtest:${runId}`, detail: { pair } }])
})

test('a day is made ready without an account in a book of its own', async () => {
  const { runId } = await done('start-of-day', { day: LAST_DAY })
  const left = (await resultsOf(database.pool, [runId])).get(runId)
  expect(left).toMatchObject([{ kind: 'readiness', reference: LAST_DAY, book: `backtest:${runId}` }])
  expect(await asked('start-of-day', { day: LAST_DAY })).toMatchObject({ runId, isNew: false })
})

test('the check of the recycler names the row of a backtest that was changed, finds it the same again, and leaves no book then', async () => {
  const backtest = await done<string>('backtest', { day: LAST_DAY })
  const left = (await resultsOf(database.pool, [backtest.runId])).get(backtest.runId)
  expect(left?.map(({ kind }) => kind)).toEqual(['backtest', 'report', 'certificate'])
  expect(left?.at(-1)?.reference).toBe(backtest.result)
  const book = left?.[0]?.book
  const scale = (by: number) =>
    database.pool.query(
      `update spreadworks.fills set price = price * $2 where book = $1 and execution_id = (select min(execution_id) from spreadworks.fills where book = $1)`,
      [book, by],
    )
  const alerts = async () => {
    const { rows } = await database.pool.query(
      `select body from spreadworks.alerts where flow = 'recycler-check' and resolved_at is null`,
    )
    return rows.map(({ body }) => body)
  }
  await scale(2)
  const check = await done<RecyclerFinding>('recycler-check')
  expect(check.runId).toBe(`recycler-check-${LAST_DAY}`)
  expect(check.result).toMatchObject({
    kind: 'differs',
    sentence: expect.stringContaining('because of another fill by the broker'),
  })
  expect(await alerts()).toEqual([check.result.sentence])
  await scale(0.5)
  const compare = (await house.engine.steps(check.runId)).find(({ name }) => name === 'compare')
  const again = await house.engine.retryFrom(check.runId, compare?.place ?? 0)
  expect(await house.engine.result(again)).toMatchObject({ kind: 'same', sentence: expect.stringContaining(String(book)) })
  expect(await alerts()).toEqual([])
  const { rows: kept } = await database.pool.query(`select book from spreadworks.books where book like '%recycler%'`)
  expect(kept).toEqual([])
})
