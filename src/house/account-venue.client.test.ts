import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { PAPER } from '#domain/book.ts'
import type { Pair } from '#domain/pair.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import type { SignalsMade } from '#flows/signals.flow.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { probabilityOf, type Strategy } from '#strategy.ts'
import type { OpenExchange } from '../../standins/exchange/exchange.server.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { paperDayReady } from '../../test/account.ts'
import { freshDatabase } from '../../test/database.ts'
import { ask, BEFORE, DAY, KEYS, minute, openTestExchange } from '../../test/exchange.ts'
import { type House, openHouse } from './house.client.ts'

const SPEED = 400
const SYMBOLS = ['CVX', 'KO', 'PEP', 'XOM'] as Symbol_[]
const PAIRS: Pair[] = [
  { y: 'KO' as Symbol_, x: 'PEP' as Symbol_ },
  { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ },
]
const TICKS = [5, 10, 15, 20].map(minute)

/** The exchange's time, from when it is let go. */
let began = Number.NaN
const timer: Timer = {
  now: () => epochMs(Math.floor(Number.isNaN(began) ? DAY.opensAt : DAY.opensAt + (performance.now() - began) * SPEED)),
  after: (ms, run) => {
    const call = setTimeout(run, ms / SPEED)
    return () => clearTimeout(call)
  },
}

/** Enters every pair once, and leaves one of them ten minutes later. */
const strategy: Strategy = {
  name: 'in-and-out',
  version: '1',
  decide: ({ pair, position }) => {
    const [confidence, reasons] = [probabilityOf(1), ['It always does']]
    if (position.kind === 'flat' && position.since === undefined) return { kind: 'enter', direction: 'long', confidence, reasons }
    const isOver = position.kind === 'open' && position.barsHeld >= 6 && pair.y === 'XOM'
    return isOver ? { kind: 'exit', cause: 'time', confidence, reasons } : { kind: 'hold', confidence, reasons }
  },
}

let [home, house] = ['', undefined as House | undefined]
let database: Database
let exchange: OpenExchange

async function open(): Promise<House> {
  const { settings, credentials } = await readSettingsFiles({
    ALPACA_API_KEY: KEYS.keyId,
    ALPACA_SECRET_KEY: KEYS.secret,
    SPREADWORKS_ALPACA_TRADING_URL: exchange.url,
    SPREADWORKS_ALPACA_DATA_URL: exchange.url,
    SPREADWORKS_ALPACA_STREAM_URL: exchange.streamUrl,
    SPREADWORKS_MARKET_UNIVERSE: SYMBOLS.join(),
    SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '1',
    SPREADWORKS_SIGNALS_ZSCORE_WINDOW_BARS: '4',
    // At this speed a minute is soon over.
    SPREADWORKS_SIGNALS_WAIT_FOR_BARS_MS: '60000',
    SPREADWORKS_TRAIN_THREADS: '1',
    SPREADWORKS_YAHOO_ENABLED: 'false',
  })
  house = await openHouse({
    ...{ settings, credentials, database: databaseAt(database.url, 5), version: 'test', home, timer },
    strategyNamed: async () => strategy,
    say: () => {},
  })
  return house
}

beforeAll(async () => {
  const tape = randomWalkTape(3, SYMBOLS, [BEFORE, DAY])
  exchange = await openTestExchange({ tape, sessions: [BEFORE, DAY], speed: SPEED, startAt: DAY.opensAt })
  home = await mkdtemp(join(tmpdir(), 'spreadworks-artifacts-'))
  database = await freshDatabase()
})
afterAll(async () => {
  await house?.close()
  await exchange.close()
  await database.close()
  await rm(home, { recursive: true })
})

const runIdOf = (at: number) => `signals-paper-${at}`
async function begin({ engine }: House): Promise<void> {
  const collecting = { session: DAY, symbols: SYMBOLS, feed: 'iex' }
  await engine.start({ flow: 'market-stream', runId: 'collecting', parameters: collecting, facts: {}, cause: 'person' })
  while ((await ask(exchange, '/sandbox/status')).body.connections.data === 0) await delay(5)
  for (const at of TICKS)
    await engine.start({
      flow: 'signals',
      runId: runIdOf(at),
      parameters: { book: PAPER, day: DAY.date, at },
      facts: {},
      cause: 'person',
    })
  // The exchange first: nobody is to ask it for what it has not come to.
  await ask(exchange, '/sandbox/clock/start', { method: 'POST' })
  began = performance.now()
}

type Held = readonly { readonly symbol: string; readonly shares: number }[]

async function heldAtBroker(): Promise<Held> {
  const { body } = await ask(exchange, '/v2/positions')
  return body
    .map(({ symbol, qty }: { symbol: string; qty: string }) => ({ symbol, shares: Number(qty) }))
    .sort((a: Held[number], b: Held[number]) => (a.symbol < b.symbol ? -1 : 1))
}

async function held(): Promise<Held> {
  const { rows } = await database.pool.query(
    `select symbol, sum(shares)::float8 as shares from (
       select pair, split_part(pair, '-', 1) as symbol, y_shares as shares from spreadworks.positions
       union all select pair, split_part(pair, '-', 2), x_shares from spreadworks.positions
     ) as legs group by symbol having sum(shares) <> 0 order by symbol`,
  )
  return rows
}

test('a paper day trades from the bars that the collector stores, goes on in another process, and sends every order once', async () => {
  const first = await open()
  await paperDayReady(database.pool, { day: DAY.date, pairs: PAIRS, settings: first.settings })
  await begin(first)
  for (const at of TICKS.slice(0, 2)) expect(await resultAt(first, at)).toMatchObject({ kind: 'made', signals: 2 })
  await first.close()
  // A process knows its flows once; what follows knows nothing of what was in memory.
  Reflect.get(DBOS, 'clearRegistry').call(DBOS)
  const second = await open()
  for (const at of TICKS.slice(2)) expect(await resultAt(second, at)).toMatchObject({ kind: 'made', signals: 2 })

  const { rows: orders } = await database.pool.query<{ id: string; said: string }>(
    `select client_order_id as id, concat_ws(' ', extract(epoch from at - $1)::int / 60, purpose, symbol, state) as said
     from spreadworks.orders order by at, symbol`,
    [new Date(DAY.opensAt)],
  )
  const entered = SYMBOLS.map((symbol) => `5 enter ${symbol} filled`)
  expect(orders.map(({ said }) => said)).toEqual([...entered, '15 exit CVX filled', '15 exit XOM filled'])
  const { body: sent } = await ask(exchange, '/v2/orders?status=all&limit=500')
  const sentIds = sent.map(({ client_order_id }: { client_order_id: string }) => client_order_id)
  expect(sentIds.sort()).toEqual(orders.map(({ id }) => id).sort())
  expect(await held()).toEqual(await heldAtBroker())
  expect((await held()).map(({ symbol }) => symbol)).toEqual(['KO', 'PEP'])

  while (timer.now() < minute(30)) await delay(5)
  expect(await again(second, minute(25))).toEqual({
    kind: 'skipped',
    reason: expect.stringMatching(/^it is \d+ minutes after the instant/),
  })
  expect(await again(second, minute(5))).toEqual({ kind: 'skipped', reason: 'the book is past this instant' })
})

async function again({ engine }: House, at: number): Promise<unknown> {
  const runId = `${runIdOf(at)}-again`
  await engine.start({ flow: 'signals', runId, parameters: { book: PAPER, day: DAY.date, at }, facts: {}, cause: 'person' })
  return engine.result(runId)
}

const resultAt = ({ engine }: House, at: number) => engine.result<SignalsMade>(runIdOf(at))
