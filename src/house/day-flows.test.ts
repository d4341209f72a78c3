import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, databaseAt } from '#database/connection.client.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { newestResult } from '#flows/flow-results.store.ts'
import { progressOf } from '#flows/progress.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { sayJson, scriptedYahoo } from '#sources/yahoo/scripted-yahoo.server.ts'
import type { OpenExchange } from '../../standins/exchange/exchange.server.ts'
import { freshDatabase } from '../../test/database.ts'
import { BEFORE, DAY, KEYS, minute, openTestExchange } from '../../test/exchange.ts'
import { flowPlans, startFlow } from './flow-plans.client.ts'
import { type House, openHouse } from './house.client.ts'

const SYMBOLS = ['CVX', 'KO', 'XOM'] as Symbol_[]
/** An hour into the second session: the first is over. */
const NOW = minute(60)

let [database, house, folder] = [undefined as unknown as Database, undefined as unknown as House, '']
let exchange: OpenExchange
const asked: string[] = []
/** Until this is opened Yahoo does not answer for KO. */
const gate = Promise.withResolvers<void>()
const yahoo = await scriptedYahoo((response, { path, query }) => {
  const ticker = path.split('/').at(-1) ?? ''
  if (path.includes('quoteSummary')) {
    asked.push(ticker)
    response.writeHead(200, { 'content-type': 'application/json;charset=utf-8' })
    const body = JSON.stringify({ quoteSummary: { result: [{ price: { maxAge: 1, longName: `${ticker} Inc.` } }], error: null } })
    if (ticker === 'KO') gate.promise.then(() => response.end(body))
    else response.end(body)
  } else if (path.startsWith('/v7')) {
    const result = (query.get('symbols') ?? '')
      .split(',')
      .map((symbol) => ({ symbol, regularMarketPrice: 10, regularMarketTime: NOW / 1000 }))
    sayJson(response, 200, { quoteResponse: { result, error: null } })
  } else if (path.includes('/chart/'))
    sayJson(response, 404, { chart: { result: null, error: { code: 'Not Found', description: 'No data found' } } })
})

async function opened(more: NodeJS.ProcessEnv = {}): Promise<House> {
  const { settings, credentials } = await readSettingsFiles({
    ...{ ALPACA_API_KEY: KEYS.keyId, ALPACA_SECRET_KEY: KEYS.secret, SPREADWORKS_ALPACA_TRADING_URL: exchange.url },
    ...{ SPREADWORKS_ALPACA_DATA_URL: exchange.url, SPREADWORKS_ALPACA_STREAM_URL: exchange.streamUrl },
    ...{ SPREADWORKS_MARKET_UNIVERSE: SYMBOLS.join(), SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '1', SPREADWORKS_TRAIN_THREADS: '1' },
    ...{ SPREADWORKS_YAHOO_URL: yahoo.url, SPREADWORKS_YAHOO_SPACING_MS: '0', ...more },
  })
  const strategyNamed = () => Promise.reject(new Error('nothing is decided here'))
  const timer = {
    now: () => NOW,
    after: (ms: number, run: () => void) => {
      const one = setTimeout(run, ms)
      return () => clearTimeout(one)
    },
  }
  return openHouse({
    ...{ settings, credentials, database: databaseAt(database.url, 5), version: 'test', home: folder },
    ...{ strategyNamed, say: () => {}, timer },
  })
}

/** Ends this process's part, as a kill would, and begins another's. */
async function restart(more: NodeJS.ProcessEnv = {}): Promise<void> {
  await house.close()
  await DBOS.shutdown({ deregister: true })
  house = await opened(more)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spreadworks-artifacts-'))
  database = await freshDatabase()
  exchange = await openTestExchange({ startAt: NOW })
  house = await opened()
})
afterAll(async () => {
  await house.close()
  await exchange.close()
  yahoo.close()
  await database.close()
  await rm(folder, { recursive: true })
})

function begun(flow: FlowName, fields: object = {}) {
  const plans = flowPlans({ ...house, runs: house.engine })
  return startFlow({ runs: house.engine, plans }, flow, { fields: { ...fields }, occasion: { kind: 'scheduled', at: NOW } })
}

async function done<T>(flow: FlowName, fields: object = {}) {
  const { runId, isNew } = await begun(flow, fields)
  return { runId, isNew, result: await house.engine.result<T>(runId) }
}

/** How many rows each of our tables holds, to see that a repeated part of a flow adds none. */
async function rows(): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const table of [
    'bars',
    'bar_revisions',
    'companies',
    'news_articles',
    'symbol_events',
    'equity',
    'screens',
    'flow_results',
  ]) {
    const {
      rows: [row],
    } = await database.pool.query(`select count(*)::int as rows from spreadworks.${table}`)
    counted[table] = row.rows
  }
  return counted
}

test('companies whose load was killed midway are gone on with, and who has answered is not asked again', async () => {
  const { runId } = await begun('load-companies')
  while (!asked.includes('KO')) await new Promise((resolve) => setTimeout(resolve, 10))
  expect((await progressOf(database.pool, [runId])).get(runId)).toMatchObject({ done: 1, total: 3, unit: 'symbols' })
  await restart()
  gate.resolve()
  const result = await house.engine.result(runId)
  expect(result).toEqual({ loaded: 2, fresh: 1, missing: [], quotes: 3 })
  expect(asked.filter((ticker) => ticker === 'CVX')).toEqual(['CVX'])
})

test('an account’s day is made ready: its history is loaded in a run of its own, then screened, and it says so', async () => {
  const { runId } = await done('start-of-day')
  expect(runId).toBe(`start-of-day-${DAY.date}`)
  expect(await newestResult(database.pool, { kind: 'readiness', day: DAY.date, book: undefined })).toMatchObject({
    book: 'paper',
  })
  const children = (await house.engine.steps(runId)).flatMap(({ childId }) => childId ?? [])
  expect([...new Set(children)].slice(0, 2)).toEqual([`${runId}-load-history-1`, `${runId}-identify-pairs`])
  const { rows: stored } = await database.pool.query(`select count(*)::int as bars from spreadworks.bars where timeframe = '1m'`)
  expect(stored[0].bars).toBe(3 * 390)
  expect((await house.engine.find({ flows: ['start-of-day'], facts: { day: DAY.date }, limit: 5 })).map(({ id }) => id)).toEqual([
    runId,
  ])
})

test('what is done hourly is done once an hour: missing minutes come, and the account is noted', async () => {
  const { runId, isNew } = await done('hourly')
  expect([runId, isNew]).toEqual([`hourly-${DAY.date}-10`, true])
  const { rows: stored } = await database.pool.query(
    `select count(*)::int as bars from spreadworks.bars where timeframe = '1m' and opened_at >= $1`,
    [new Date(DAY.opensAt)],
  )
  expect(stored[0].bars).toBe(3 * 60)
  const { rows: worth } = await database.pool.query(
    `select at, equity::float8 as equity from spreadworks.equity where book = 'paper'`,
  )
  expect(worth).toEqual([{ at: new Date(NOW), equity: 100_000 }])
  expect(await begun('hourly')).toMatchObject({ runId, isNew: false })
  const before = await rows()
  await house.engine.result(await house.engine.retryFrom(runId, 0))
  expect(await rows()).toEqual({ ...before, flow_results: (before.flow_results ?? 0) + 1 })
})

test('the end of a day does each of its parts, and a second time changes nothing but the time', async () => {
  const { runId } = await done('end-of-day')
  expect(runId).toBe(`end-of-day-${BEFORE.date}`)
  const report = await newestResult(database.pool, { kind: 'report', day: BEFORE.date, book: undefined })
  expect(report?.detail).toMatchObject({ day: BEFORE.date })
  const before = await rows()
  const again = await house.engine.retryFrom(runId, 0)
  await house.engine.result(again)
  expect(await rows()).toEqual({ ...before, flow_results: (before.flow_results ?? 0) + 1 })
})

test('a part that fails keeps no other from being done, and the run says which it was', async () => {
  await restart({ SPREADWORKS_ALPACA_FEED: 'sip' })
  const plans = flowPlans({ ...house, runs: house.engine })
  const { runId } = await startFlow({ runs: house.engine, plans }, 'end-of-day', {
    ...{ fields: {}, occasion: { kind: 'person', at: epochMs(NOW) }, isAgain: true },
  })
  await expect(house.engine.result(runId)).rejects.toMatchObject({
    ...{
      code: 'FLOW_PARTS_FAILED',
      message: expect.stringMatching(/end-of-day of 2018-03-27 not all was done\. daily bars: [^·]*$/),
    },
  })
  expect(await house.engine.record(runId)).toMatchObject({ state: 'failed', failure: expect.stringContaining('daily bars') })
  const steps = (await house.engine.steps(runId)).map(({ name }) => name)
  expect(steps).toEqual(expect.arrayContaining(['check-closes', 'report']))
})
