import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { blankTable } from '#domain/bar-table.ts'
import type { BarTable } from '#domain/bars.ts'
import { PAPER } from '#domain/book.ts'
import { sessionOn, sessionsBefore } from '#domain/calendar.ts'
import type { Pair } from '#domain/pair.ts'
import { randomStream } from '#domain/random.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { openHouse } from '#house/house.client.ts'
import { saveBarTable } from '#market/bar-table.store.ts'
import { sessionMinutes } from '#market/session-minutes.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { strategy } from '../strategies/garch-gru.ts'
import { paperDayReady } from '../test/account.ts'
import { KEYS, openTestExchange } from '../test/exchange.ts'
import { onOwnServer } from './own-server.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const PAIRS = 500
const TICKS = 24
const WITHIN_MS = 2_000
const SESSION = sessionOn('2018-03-28' as SessionDate) as Session
const LOOK_EVERY_MS = 2
const ROWS_A_TABLE = 100_000
const EARLY_MS = 3_600_000

const PAIR_NAMES: Pair[] = Array.from({ length: PAIRS }, (_, i) => {
  const number = String(i).padStart(3, '0')
  return { y: `Y${number}` as Symbol_, x: `X${number}` as Symbol_ }
})
const SYMBOLS = PAIR_NAMES.flatMap(({ y, x }) => [y, x]).sort()

/** The market's time: the machine's, from where it is set. */
function settableTimer(): Timer & { readonly set: (at: EpochMs) => void } {
  let [at, since]: [number, number] = [SESSION.opensAt, performance.now()]
  return {
    now: () => epochMs(Math.floor(at + performance.now() - since)),
    after: (ms, run) => {
      const call = setTimeout(run, ms)
      return () => clearTimeout(call)
    },
    set: (to) => {
      at = to
      since = performance.now()
    },
  }
}

type Market = { readonly until: (minutes: readonly EpochMs[]) => BarTable }

/** Walks of all symbols that go on from one call to the next. */
function market(): Market {
  const random = randomStream(5, 'signals-500')
  const logs = new Float64Array(SYMBOLS.length).fill(Math.log(50))
  return {
    until: (minutes) => {
      const table = blankTable(SYMBOLS, minutes.length * SYMBOLS.length)
      let row = 0
      for (const openedAt of minutes) {
        for (let s = 0; s < SYMBOLS.length; s++) {
          logs[s] += 0.0005 * random.normal()
          const price = Math.exp(logs[s])
          table.symbolIndex[row] = s
          table.openedAt[row] = openedAt
          for (const column of [table.open, table.high, table.low, table.close]) column[row] = price
          table.volumeShares[row] = 10_000
          table.vwap[row] = Number.NaN
          table.trades[row] = Number.NaN
          row++
        }
      }
      return table
    },
  }
}

const SAVING = { feed: 'iex', timeframe: '1m', stored: 'keep', overlap: 'unlikely' } as const

async function saveMinutes({ pool }: Database, walks: Market, minutes: readonly EpochMs[]): Promise<void> {
  const atOnce = Math.floor(ROWS_A_TABLE / SYMBOLS.length)
  for (let first = 0; first < minutes.length; first += atOnce) {
    const table = walks.until(minutes.slice(first, first + atOnce))
    await saveBarTable(pool, table, { ...SAVING, receivedAt: epochMs(Date.now()) })
  }
}

/**
 * One tick of an account's book as the flow makes it, with a stored model for each pair: milliseconds from the last bar of the
 * minute being stored until every signal is. A run is begun at its instant, as a schedule does, and the bars come at once.
 */
export const bench: Bench = {
  id: 'signals-500',
  run: () => onOwnServer(measure),
}

async function measure(database: Database): Promise<BenchResult[]> {
  const exchange = await openTestExchange({ tape: quietTape(), sessions: [SESSION], startAt: SESSION.opensAt })
  const home = await mkdtemp(join(tmpdir(), 'spreadworks-bench-'))
  const { settings, credentials } = await readSettingsFiles({
    ALPACA_API_KEY: KEYS.keyId,
    ALPACA_SECRET_KEY: KEYS.secret,
    SPREADWORKS_ALPACA_TRADING_URL: exchange.url,
    SPREADWORKS_ALPACA_DATA_URL: exchange.url,
    SPREADWORKS_ALPACA_STREAM_URL: exchange.streamUrl,
    SPREADWORKS_YAHOO_ENABLED: 'false',
  })
  const timer = settableTimer()
  // So early that no desk is opened ahead: the first tick shows what a process that knows nothing has to do.
  timer.set(epochMs(SESSION.opensAt - EARLY_MS))
  const walks = market()
  const sessions = sessionsBefore(SESSION.date, settings.pairs.lookbackSessions)
  const minutes = sessionMinutes(sessions)
  await saveMinutes(database, walks, Array.from(minutes.openings(0, minutes.total), epochMs))
  const { sequenceBars: sequence, hidden } = settings.model
  const shape = { inputs: 10, sequence, hidden: [...hidden], dropout: 0 }
  await paperDayReady(database.pool, { day: SESSION.date, pairs: PAIR_NAMES, settings, shape })
  const day = { book: PAPER, day: SESSION.date }
  const house = await openHouse({
    ...{ settings, credentials, database: databaseAt(database.url, 8), version: 'bench', home, timer },
    ...{ strategyNamed: async () => strategy, say: () => {} },
  })
  const ticks: Tick[] = []
  for (let tick = 1; tick <= TICKS; tick++) {
    const at = epochMs(SESSION.opensAt + tick * settings.signals.everyMinutes * MINUTE_MS)
    const before = Array.from({ length: settings.signals.everyMinutes }, (_, i) => epochMs(at - (i + 1) * MINUTE_MS)).reverse()
    await saveMinutes(database, walks, before.slice(0, -1))
    timer.set(at)
    const runId = `signals-bench-${randomUUID()}`
    await house.engine.start({
      flow: 'signals',
      runId,
      parameters: { ...day, at },
      facts: {},
      cause: 'schedule',
      scheduledFor: at,
    })
    await saveMinutes(database, walks, before.slice(-1))
    const began = performance.now()
    const loop = monitorEventLoopDelay({ resolution: 1 })
    loop.enable()
    while ((await signalsAt(database, at)) < PAIRS) await delay(LOOK_EVERY_MS)
    const ms = performance.now() - began
    loop.disable()
    // What follows orders would wait for minutes that are passed over here.
    await house.engine.cancel(runId)
    await house.engine.result(runId).catch(() => undefined)
    ticks.push({ ms, blockedMs: loop.max / 1e6 })
  }
  await house.close()
  await exchange.close()
  await rm(home, { recursive: true, force: true })
  return resultsOf(ticks)
}

type Tick = { readonly ms: number; readonly blockedMs: number }

async function signalsAt({ pool }: Database, at: EpochMs): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from spreadworks.signals where book = $1 and at = $2`,
    [PAPER, new Date(at)],
  )
  return rows[0]?.count ?? 0
}

function quietTape() {
  const listings = SYMBOLS.map((symbol) => ({ symbol, name: symbol, exchange: 'NYSE' as const, shortable: true }))
  const none = new Float64Array(0)
  const columns = { openedAt: none, open: none, high: none, low: none, close: none, volumeShares: none }
  return { feed: 'iex', listings, rowsBetween: async () => ({ ...columns, symbolIndex: new Uint16Array(0) }) }
}

function resultsOf([first, ...rest]: readonly Tick[]): BenchResult[] {
  const times = rest.map(({ ms }) => ms).sort((a, b) => a - b)
  const p99 = times[Math.min(times.length - 1, Math.floor(times.length * 0.99))] ?? Number.NaN
  const blocked = Math.max(...rest.map(({ blockedMs }) => blockedMs))
  const size = `${PAIRS} pairs, ${TICKS} ticks`
  return [
    {
      ...{ id: 'signals-500', size, value: median(times), unit: 'ms from bar to decisions' },
      limit: `at most ${WITHIN_MS} ms wanted, p99 ${p99.toFixed(0)} ms`,
      note: `${p99 <= WITHIN_MS ? 'kept' : 'NOT kept'}; the event loop stood for ${blocked.toFixed(0)} ms at most`,
    },
    {
      ...{
        id: 'signals-500',
        size: `${PAIRS} pairs, a desk opened from what is stored`,
        value: first?.ms ?? Number.NaN,
        unit: 'ms',
      },
      note: 'the first tick of a day, and the first in another process',
    },
  ]
}
