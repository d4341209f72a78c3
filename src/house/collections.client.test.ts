import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from '#cli/command-line.command.ts'
import type { Program } from '#cli/program.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import type { CollectorReport } from '#market/collector-report.ts'
import { symbolEvents } from '#market/symbol-records.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import type { OpenExchange } from '../../standins/exchange/exchange.server.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { freshDatabase } from '../../test/database.ts'
import { BEFORE, DAY, KEYS, openTestExchange } from '../../test/exchange.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { collectProgram } from './collect-program.client.ts'
import { flowControl } from './flow-control.client.ts'
import { officeOf } from './flow-office.client.ts'
import { type House, openHouse } from './house.client.ts'

const SPEED = 150
const SYMBOLS = ['CVX', 'KO', 'XOM'] as Symbol_[]
const KO = SYMBOLS[1] as Symbol_
/** With so many others that a session of all of them does not fit into a page of 10,000 bars. */
const LISTED = [...SYMBOLS, ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ', (letter) => `Q${letter}` as Symbol_)]
const TAPE = randomWalkTape(3, LISTED, [BEFORE, DAY])
const minuteBeforeClose = (n: number) => epochMs(DAY.closesAt - n * MINUTE_MS)
/** Collecting begins so late that the session is over soon. */
const BEGINNING = minuteBeforeClose(5)
const HALT = { symbol: KO, from: minuteBeforeClose(3), until: minuteBeforeClose(2) }

/** The exchange's time: stands until it is let go, and passes as fast as there. */
function pacedTimer(start: number): Timer & { readonly go: () => void } {
  let began = Number.NaN
  return {
    go: () => {
      began = performance.now()
    },
    now: () => epochMs(Math.floor(Number.isNaN(began) ? start : start + (performance.now() - began) * SPEED)),
    after: (ms, run) => {
      const timer = setTimeout(run, ms / SPEED)
      return () => clearTimeout(timer)
    },
  }
}

const timer = pacedTimer(BEGINNING)
let [exchange, house, home] = [undefined as OpenExchange | undefined, undefined as House | undefined, '']

beforeAll(async () => {
  exchange = await openTestExchange({ tape: TAPE, sessions: [BEFORE, DAY], speed: SPEED, startAt: BEGINNING, halts: [HALT] })
  home = await mkdtemp(join(tmpdir(), 'spreadworks-artifacts-'))
  const { settings, credentials } = await readSettingsFiles({
    ALPACA_API_KEY: KEYS.keyId,
    ALPACA_SECRET_KEY: KEYS.secret,
    SPREADWORKS_ALPACA_TRADING_URL: exchange.url,
    SPREADWORKS_ALPACA_DATA_URL: exchange.url,
    SPREADWORKS_ALPACA_STREAM_URL: exchange.streamUrl,
    SPREADWORKS_MARKET_UNIVERSE: LISTED.join(),
    SPREADWORKS_TRAIN_THREADS: '1',
    SPREADWORKS_YAHOO_ENABLED: 'false',
  })
  const [database, strategyNamed] = [await freshDatabase(), () => Promise.reject(new Error('nothing is decided here'))]
  house = await openHouse({
    settings,
    credentials,
    database,
    version: 'test',
    home,
    strategyNamed,
    say: () => {},
    timer,
  })
})
afterAll(async () => {
  await house?.close()
  await exchange?.close()
  await rm(home, { recursive: true })
})

function opened(): House {
  if (house === undefined) throw new Error('the house did not open')
  return house
}

/** Runs a command line as main.ts would, in the house that is open. */
async function run(line: string) {
  let [out, err] = ['', '']
  const terminal: Program['terminal'] = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    isWatched: false,
    columns: () => 80,
  }
  const collect = collectProgram(async () => ({ ...opened(), close: async () => {} }))
  const program = { ...unaskedProgram(terminal, () => Promise.reject(new Error('not asked'))), collect }
  return { code: await runCommandLine(line.split(' '), program, new AbortController().signal), out, err }
}

/** Every stored bar of the session as `symbol minute close`, and every one of the tape but KO's while it was halted. */
async function stored(session: Session) {
  const { rows } = await opened().database.pool.query<{ bar: string }>(
    `select symbol || ' ' || extract(epoch from opened_at - $1)::int / 60 || ' ' || close as bar from spreadworks.bars
     where feed = 'iex' and opened_at >= $1 and opened_at < $2 order by 1`,
    [new Date(session.opensAt), new Date(session.closesAt)],
  )
  return rows.map(({ bar }) => bar)
}
async function taped({ opensAt, closesAt }: Session, symbols: readonly Symbol_[]) {
  const { openedAt, symbolIndex, close } = await TAPE.rowsBetween(opensAt, closesAt)
  const bars = Array.from(openedAt, (at, i) => ({ symbol: TAPE.listings[symbolIndex[i]]?.symbol, at, close: close[i] }))
  return bars
    .filter(({ symbol }) => symbol !== undefined && symbols.includes(symbol))
    .filter(({ symbol, at }) => !(symbol === KO && HALT.from <= at && at < HALT.until))
    .map((bar) => `${bar.symbol} ${(bar.at - opensAt) / MINUTE_MS} ${bar.close}`)
    .sort()
}

test('history is loaded from the exchange that the settings name, whole, and a second time nothing of it is new', async () => {
  const load = `history load --from ${BEFORE.date} --until ${BEFORE.date} --json`
  const first = await run(load)
  expect(JSON.parse(first.out)).toMatchObject({
    ...{ feed: 'iex', bars: 11_310, new: 11_310, revised: 0, withoutBars: [], minutes: { noTrade: 0, missing: 0 } },
  })
  expect(await stored(BEFORE)).toEqual(await taped(BEFORE, LISTED))
  expect(JSON.parse((await run(`${load} --symbol KO --symbol NONE`)).out)).toMatchObject({
    ...{ bars: 390, new: 0, revised: 0, withoutBars: ['NONE'], minutes: { noTrade: 0, missing: 0 } },
  })
})

test('what cannot be loaded is refused by name', async () => {
  const refusals = [
    ['history load --feed yahoo', 'YAHOO_DISABLED', 2],
    ['history load --from 2018-13-01', 'DAY_UNREADABLE', 2],
    ['history load --feed yahoo --from 2018-13-01', 'DAY_UNREADABLE', 2],
    ['history load --feed yahoo --symbol xom', 'SYMBOL_UNREADABLE', 2],
    ['history load --from 2018-03-31 --until 2018-04-01', 'HISTORY_RANGE_EMPTY', 2],
    ['history load --symbol xom', 'SYMBOL_UNREADABLE', 2],
    ['history load --feed simulated --timeframe 1h', 'HISTORY_TIMEFRAME', 2],
    ['history load --feed simulated --symbol KO', 'HISTORY_SIMULATED', 2],
    ['history load --feed sip', 'HISTORY_UNAVAILABLE', 1],
  ] as const
  for (const [line, code, exitCode] of refusals)
    expect(await run(line)).toMatchObject({ code: exitCode, err: expect.stringContaining(`(${code})`) })
  const control = flowControl(officeOf(opened()))
  await expect(control.start('load-history', { feed: 'moon' })).rejects.toMatchObject({ code: 'HISTORY_PARAMETERS' })
  await expect(control.start('moon', {})).rejects.toMatchObject({ code: 'FLOW_UNKNOWN' })
})

test('a session is collected from the stream to its last bar, with the halts that it tells of', async () => {
  const { engine, database } = opened()
  const parameters = { session: DAY, symbols: SYMBOLS, feed: 'iex' }
  await engine.start({ flow: 'market-stream', runId: 'collecting', parameters, facts: {}, cause: 'person' })
  const heard = async () => {
    const connections = async () => JSON.parse(await (await fetch(`${exchange?.url}/sandbox/status`)).text()).connections.data
    while ((await connections()) === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await Promise.race([engine.result('collecting'), heard()])
  expect(await run('collect --until-close')).toMatchObject({ code: 2, err: expect.stringContaining('(COLLECTOR_RUNNING)') })
  // The exchange first: a busy machine may take long to answer, and nobody is to ask it for what it has not come to.
  await fetch(`${exchange?.url}/sandbox/clock/start`, { method: 'POST' })
  timer.go()
  const report = await engine.result<CollectorReport>('collecting')
  expect(report).toMatchObject({ symbolsMissing: 0 })
  expect(report.bars).toBeGreaterThan(0)
  expect(await stored(DAY)).toEqual(await taped(DAY, SYMBOLS))
  const events = await symbolEvents(database.pool, { symbol: KO, limit: 10 })
  expect(events.flatMap(({ what, by }) => (by === 'market stream' ? [what] : []))).toEqual(['listed', 'halted'])
})
