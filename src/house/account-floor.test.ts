import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { blankTable } from '#domain/bar-table.ts'
import { LIVE, PAPER } from '#domain/book.ts'
import { nameOf } from '#domain/pair.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { type AccountFloor, openAccountFloor, type Seat } from '#flows/account-floor.steps.ts'
import type { SignalsParameters } from '#flows/signals.flow.ts'
import { saveBarTable } from '#market/bar-table.store.ts'
import { markPromoted, modelsFor } from '#models/models.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { probabilityOf, type Strategy } from '#strategy.ts'
import type { OpenExchange } from '../../standins/exchange/exchange.server.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { paperDayReady } from '../../test/account.ts'
import { freshDatabase } from '../../test/database.ts'
import { ask, DAY, KEYS, minute, NEXT, openTestExchange, sleepUntil } from '../../test/exchange.ts'
import { accountVenues } from './account-venue.client.ts'
import { alpacaAccount } from './alpaca-account.client.ts'

const SYMBOLS = ['CVX', 'KO', 'PEP', 'XOM'] as Symbol_[]
const [CVX, KO, PEP, XOM] = SYMBOLS as [Symbol_, Symbol_, Symbol_, Symbol_]
const PAIRS = [
  { y: KO, x: PEP },
  { y: XOM, x: CVX },
]
const TAPE = randomWalkTape(3, SYMBOLS, [DAY])

/** Into every pair at the first instant, out of one at the third. */
const strategy: Strategy = {
  name: 'in-and-out',
  version: '1',
  decide: ({ pair, position }) => {
    const [confidence, reasons] = [probabilityOf(1), ['It always does']]
    if (position.kind === 'flat' && position.since === undefined) return { kind: 'enter', direction: 'long', confidence, reasons }
    const isOver = position.kind === 'open' && position.barsHeld >= 9 && pair.y === XOM
    return isOver ? { kind: 'exit', cause: 'time', confidence, reasons } : { kind: 'hold', confidence, reasons }
  },
}

/** Time that stands where it was set. */
let now: EpochMs = DAY.opensAt
const timer: Timer = {
  now: () => now,
  after: (_, run) => {
    const call = setImmediate(run)
    return () => clearImmediate(call)
  },
}

let [database, exchange] = [undefined as unknown as Database, undefined as unknown as OpenExchange]
const floors: AccountFloor[] = []

async function openFloor(more: NodeJS.ProcessEnv = {}): Promise<AccountFloor> {
  const { settings, credentials } = await readSettingsFiles({
    ALPACA_API_KEY: KEYS.keyId,
    ALPACA_SECRET_KEY: KEYS.secret,
    SPREADWORKS_ALPACA_TRADING_URL: exchange.url,
    SPREADWORKS_ALPACA_DATA_URL: exchange.url,
    SPREADWORKS_ALPACA_STREAM_URL: exchange.streamUrl,
    SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '1',
    SPREADWORKS_SIGNALS_ZSCORE_WINDOW_BARS: '4',
    ...more,
  })
  const account = alpacaAccount(settings, credentials, () => {})
  if (account === undefined) throw new Error('there are keys')
  await paperDayReady(database.pool, { day: DAY.date, pairs: PAIRS, settings })
  const openVenue = accountVenues({ sql: database.pool, account, settings, timer, say: () => {} })
  const onAlarm = async () => {}
  const floor = openAccountFloor({ sql: database.pool, strategyNamed: async () => strategy, onAlarm, openVenue, timer })
  floors.push(floor)
  return floor
}

beforeAll(async () => {
  exchange = await openTestExchange({ tape: TAPE, sessions: [DAY] })
  database = await freshDatabase()
})
afterAll(async () => {
  await Promise.all(floors.map((floor) => floor.close()))
  await exchange.close()
  await database.close()
})

/** The market goes on to minute `n`: the exchange fills, and the bars until then are stored. */
async function marketAt(n: number): Promise<void> {
  await sleepUntil(exchange, minute(n))
  const { openedAt, symbolIndex, ...prices } = await TAPE.rowsBetween(now, minute(n))
  const table = { ...blankTable(SYMBOLS, openedAt.length), openedAt, symbolIndex: Uint32Array.from(symbolIndex), ...prices }
  const terms = {
    feed: 'iex',
    timeframe: '1m',

    receivedAt: minute(n),
    stored: 'keep',
    overlap: 'unlikely',
  } as const
  await saveBarTable(database.pool, table as Parameters<typeof saveBarTable>[1], terms)
  now = minute(n)
}

const at = (n: number) => ({ book: PAPER, day: DAY.date, at: minute(n) })
const whole =
  (n: number) =>
  async ({ desk }: Seat) => {
    await desk.awaitTick(minute(n))
    await desk.decide(minute(n))
    await desk.execute(minute(n))
    return desk.underWay
  }

test('instants go round between processes, each of which knows what the others did, and no order is sent twice', async () => {
  const [one, other] = [await openFloor(), await openFloor()]
  for (const floor of [one, other]) await floor.prepare(at(5))
  const turns = [one, other, one, other]
  for (const [i, floor] of turns.entries()) {
    const n = 5 * (i + 1)
    await marketAt(n)
    // The other one is told of updates as well, and both ask for the same instant at once.
    expect(await floor.atDesk(at(n), whole(n))).toMatchObject({ ok: true })
  }
  const { rows } = await database.pool.query<{ said: string }>(
    `select concat_ws(' ', extract(epoch from at - $1)::int / 60, purpose, symbol, state) as said from spreadworks.orders order by at, symbol`,
    [new Date(DAY.opensAt)],
  )
  const entered = SYMBOLS.map((symbol) => `5 enter ${symbol} filled`)
  expect(rows.map(({ said }) => said)).toEqual([...entered, '15 exit CVX filled', '15 exit XOM filled'])
  expect((await ask(exchange, '/v2/orders?status=all')).body).toHaveLength(6)
  expect((await ask(exchange, '/v2/positions')).body.map(({ symbol }: { symbol: string }) => symbol).sort()).toEqual([KO, PEP])
  const { rows: left } = await database.pool.query(
    `select symbol from spreadworks.fills group by symbol having sum(case side when 'buy' then 1 else -1 end * quantity_shares) <> 0`,
  )
  expect(left.map(({ symbol }) => symbol).sort()).toEqual([KO, PEP])
  expect(await one.atDesk(at(15), whole(15))).toMatchObject({ ok: false, why: { kind: 'past' } })
})

test('on a day that was not made ready, and with models that were not promoted, nothing is opened and what is held is managed', async () => {
  const floor = await openFloor()
  now = epochMs(NEXT.opensAt + 5 * MINUTE_MS)
  const next = { book: PAPER, day: NEXT.date, at: now }
  const seen = (of: SignalsParameters) =>
    floor.atDesk(of, async ({ isReady, parts }) => ({
      isReady,
      models: parts.models.map((one) => [one.kind, nameOf(one.model.pair)]),
    }))
  expect(await seen({ ...next, book: LIVE })).toMatchObject({ ok: false, why: { kind: 'never-ready' } })
  expect(await seen(next)).toEqual({ ok: true, value: { isReady: false, models: [['exits-only', 'KO-PEP']] } })
  const { settings } = await readSettingsFiles({})
  await paperDayReady(database.pool, { day: NEXT.date, pairs: PAIRS, settings })
  for (const { id } of await modelsFor(database.pool, PAPER, NEXT.date))
    await markPromoted(database.pool, id, { isPromoted: false, reasons: ['F1 is low'] })
  const models = ['KO-PEP', 'XOM-CVX'].map((name) => ['exits-only', name])
  expect(await seen(next)).toEqual({ ok: true, value: { isReady: true, models } })
})

test('real money is not traded', async () => {
  const floor = await openFloor({ SPREADWORKS_TRADING_MODE: 'live' })
  await expect(floor.atDesk(at(21), whole(21))).rejects.toMatchObject({ code: 'LIVE_LOCKED', exitCode: 2 })
})
