import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import type { HistoryLoaded, HistoryParameters } from '#flows/load-history.flow.ts'
import { type Asked, type Reply, scriptedExchange } from '#sources/alpaca/scripted-exchange.server.ts'
import { freshDatabase } from '../database.ts'
import { openSmallHouse, type SmallHouse } from '../rehearsal/small-market.ts'
import { emptyTables, tableText } from './collected-exchange.ts'

const ROOT = join(import.meta.dirname, '../..')
const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const DAY = '2018-03-28'
const session = sessionOn(DAY as SessionDate) as Session
const SYMBOLS = ['CVX', 'KO', 'XOM'] as Symbol_[]
const RANGE = { from: session.opensAt, until: session.closesAt }
const PARAMETERS: HistoryParameters = { symbols: SYMBOLS, timeframe: '1m', ...RANGE, feeds: ['iex'] }
const loadNamed = (runId: string) =>
  ({ flow: 'load-history', runId, parameters: PARAMETERS, facts: {}, cause: 'person' }) as const
const BARS_IN_A_PAGE = 200
const PAGES = (390 * SYMBOLS.length) / BARS_IN_A_PAGE

const ALL = SYMBOLS.flatMap((symbol, s) =>
  Array.from({ length: 390 }, (_, n) => {
    const price = 50 + 10 * s + (n % 17)
    const t = new Date(session.opensAt + n * MINUTE_MS).toISOString()
    return { symbol, bar: { t, o: price, h: price + 1, l: price - 1, c: price + 0.5, v: 100 + n, n: 3, vw: price } }
  }),
)
const pageOf = ({ query }: Asked) => Number(query.get('page_token') ?? 0)
function page(asked: Asked): Reply {
  const number = pageOf(asked)
  const rows = ALL.slice(number * BARS_IN_A_PAGE, (number + 1) * BARS_IN_A_PAGE)
  const bars = Object.fromEntries(
    SYMBOLS.map((symbol) => [symbol, rows.filter((row) => row.symbol === symbol).map(({ bar }) => bar)]).filter(
      ([, told]) => told?.length !== 0,
    ),
  )
  return { status: 200, body: { bars, next_page_token: number + 1 < PAGES ? String(number + 1) : null } }
}

let inFlight = Promise.withResolvers<void>()
let [isHeld, database, house] = [true, undefined as Database | undefined, undefined as SmallHouse | undefined]
let exchange: Awaited<ReturnType<typeof scriptedExchange>>
beforeAll(async () => {
  database = await freshDatabase()
  exchange = await scriptedExchange((asked) => {
    if (!isHeld || pageOf(asked) !== 3) return page(asked)
    inFlight.resolve()
    return new Promise(() => undefined)
  })
})
afterAll(async () => {
  await house?.close()
  await exchange.close()
  await database?.close()
})

/** As a process has it that loads history from the exchange. */
function environment() {
  const keys = { ALPACA_API_KEY: 'k', ALPACA_SECRET_KEY: 's' }
  return { ...keys, SPREADWORKS_ALPACA_DATA_URL: exchange.url, SPREADWORKS_ALPACA_TRADING_URL: exchange.url }
}

/** The command in a process of its own, killed while its fourth page is under way. */
async function killedInTheMiddle(url: string): Promise<void> {
  const { PATH, HOME, TMPDIR } = process.env
  const env = { PATH, HOME, TMPDIR, ...environment(), SPREADWORKS_TRAIN_THREADS: '1', DATABASE_URL: url }
  const words = ['history', 'load', '--from', DAY, '--until', DAY, ...SYMBOLS.flatMap((symbol) => ['--symbol', symbol])]
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...words], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const ended = once(child, 'exit')
  const early = ended.then(() => Promise.reject(new Error(`it ended before it could be killed: ${said}`)))
  await Promise.race([inFlight.promise, early])
  early.catch(() => undefined)
  child.kill('SIGKILL')
  await ended
}

test('a load of history that was killed goes on in the next process with the page that it was at', async () => {
  if (database === undefined) throw new Error('the database did not open')
  await killedInTheMiddle(database.url)
  isHeld = false
  house = await openSmallHouse(databaseAt(database.url, 5), environment(), { version })
  const [run] = await house.engine.find({ limit: 1 })
  const loaded = await house.engine.result<HistoryLoaded>(run.id)
  expect(loaded).toMatchObject({ ok: true, value: { feed: 'iex', counts: { bars: ALL.length, new: ALL.length, revised: 0 } } })
  expect(exchange.asked.map(pageOf)).toEqual([0, 1, 2, 3, 3, 4, 5])
  const disturbed = await tableText(database.pool)

  await emptyTables(database.pool)
  await house.engine.start(loadNamed('undisturbed'))
  await house.engine.result('undisturbed')
  expect(await tableText(database.pool)).toBe(disturbed)
  expect(disturbed.split('\n')).toHaveLength(ALL.length)
})

test('a load of history that is cancelled gives up the page that is under way', async () => {
  if (house === undefined) throw new Error('the house did not open')
  inFlight = Promise.withResolvers()
  isHeld = true
  const abandoned = exchange.abandoned()
  await house.engine.start(loadNamed('cancelled'))
  await inFlight.promise
  const began = performance.now()
  await house.engine.cancel('cancelled')
  while (exchange.abandoned() === abandoned) await setImmediate()
  // The engine looks every second whether a run of its own was cancelled elsewhere.
  expect(performance.now() - began).toBeLessThan(2_000)
  await expect(house.engine.result('cancelled')).rejects.toThrow(/cancelled/)
})
