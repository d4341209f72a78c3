import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from '#cli/command-line.command.ts'
import type { Program } from '#cli/program.ts'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { saveGap } from '#market/bar-gaps.store.ts'
import { markPresent } from '#market/bar-ledger.store.ts'
import { saveBars } from '#market/bars.store.ts'
import { minutesWithin, noMinutes } from '#market/minute-bits.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { scriptedExchange } from '#sources/alpaca/scripted-exchange.server.ts'
import { freshDatabase } from '../../test/database.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { marketProgram } from './market-program.client.ts'

const SESSIONS = sessionsBetween('2018-03-27' as SessionDate, '2018-03-28' as SessionDate)
const [, LAST] = SESSIONS
const KEYS = { ALPACA_API_KEY: 'k', ALPACA_SECRET_KEY: 's' }
const unasked = () => Promise.reject(new Error('not asked'))

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

/** Runs a command line over the database, as main.ts would, and answers its exit code with what it wrote. */
async function run(line: string, env: NodeJS.ProcessEnv = {}) {
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
  const openStore = async () => ({ ...(await readSettingsFiles(env)), database: { ...database, close: async () => {} } })
  const program: Program = { ...unaskedProgram(terminal, unasked), market: marketProgram(openStore) }
  const code = await runCommandLine(line.split(' '), program, new AbortController().signal)
  return { code, out, err }
}

async function storeBars(symbol: Symbol_, sessions = SESSIONS): Promise<void> {
  const openedAt = Float64Array.from(sessions, ({ opensAt }) => opensAt) as never
  const column = (value: number) => Float64Array.from(sessions, () => value) as never
  const prices = { open: column(10), high: column(11), low: column(9), close: column(10), volumeShares: column(100) }
  await saveBars(database.pool, { symbol, openedAt, ...prices }, { timeframe: '1m', feed: 'import' })
}

test('symbols are added with the sector that the configuration gives them, taken out and put back', async () => {
  expect(await run('symbols list')).toMatchObject({ code: 0, out: expect.stringContaining('No symbol is kept yet') })
  expect((await run('symbols add XOM CVX ZQ')).out).toBe('CVX, XOM, ZQ: traded.\n')
  expect((await run('symbols remove XOM')).out).toBe('XOM: switched off.\n')
  expect((await run('symbols remove XOM')).out).toBe('Nothing changed: switched off already.\n')
  const { out } = await run('symbols list --all')
  expect(
    out
      .split('\n')
      .slice(0, 4)
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['symbol', 'standing', 'sector', 'name'],
    ['CVX', 'traded', 'Energy', 'CVX'],
    ['XOM', 'switched off', 'Energy', 'XOM'],
    ['ZQ', 'traded', '–', 'ZQ'],
  ])
  expect((await run('symbols add XOM')).out).toBe('XOM: traded.\n')
})

test('wrong symbols, sectors and choices are refused with exit code 2', async () => {
  const lines = [
    'symbols add xom',
    'symbols remove NONE',
    'sectors symbols Nowhere',
    'sectors set-active Nowhere',
    'sectors set-active',
    'sectors set-active Energy --all',
    'symbols status --sessions 0',
    'symbols fly',
    'symbols add XOM --sector ',
    'sectors set-active ',
    'symbols list --sector Nowhere',
  ]
  const codes = await Promise.all(lines.map(async (line) => (await run(line)).code))
  expect(codes).toEqual(lines.map(() => 2))
})

test('what is no ticker is repeated on one line, and no more of it than one can read', async () => {
  const { code, err } = await run(`symbols add KO\nPEP\u001b[31m${'A'.repeat(5000)}`)
  expect(code).toBe(2)
  expect(err).toMatch(
    /^spreadworks: 'KO PEP \[31mA{29}…' is not a ticker; write it in capitals, such as XOM\. \(SYMBOL_UNREADABLE\)\n$/,
  )
})

test('a list without a symbol says whether there is none or none of them is traded', async () => {
  await run('symbols add LONE --sector Alone')
  await run('symbols remove LONE')
  expect((await run('symbols list --sector alone')).out).toBe(
    'None of 1 symbols is traded; spreadworks symbols list --all tells why.\n',
  )
  await database.pool.query(`delete from spreadworks.symbols where symbol = 'LONE'`)
})

test.each([
  ['calendar check --from 2026-99-01', 'DAY_UNREADABLE'],
  ['calendar check --through nope', 'DAY_UNREADABLE'],
  ['calendar check --from 2026-07-02 --through 2026-07-01', 'CALENDAR_RANGE_EMPTY'],
  ['calendar check --from 2090-01-01', 'CALENDAR_OUT_OF_RANGE'],
])('%s is told what is wrong with its dates before what is not set up', async (line, code) => {
  expect(await run(line)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(`(${code})`) })
})

test('sectors are switched by name in any case, and given back to the configuration', async () => {
  await run('symbols add DUK --sector Utilities')
  const states = async (line: string, env: NodeJS.ProcessEnv = {}) =>
    JSON.parse((await run(`${line} --json`, env)).out).map(
      (view: Record<string, unknown>) => `${view.sector} ${view.isActive} ${view.tradable} ${view.decidedBy}`,
    )
  expect(await states('sectors summary')).toEqual(['Energy true 2 configuration', 'Utilities true 1 configuration'])
  expect(await states('sectors set-active utilities')).toEqual(['Energy false 0 command line', 'Utilities true 1 command line'])
  expect((await run('symbols list')).out).not.toContain('CVX')
  const onlyEnergy = { SPREADWORKS_SECTORS_ACTIVE: 'Energy' }
  expect(await states('sectors set-active --configured', onlyEnergy)).toEqual([
    'Energy true 2 configuration',
    'Utilities false 0 configuration',
  ])
  expect((await run('sectors config', onlyEnergy)).out).toMatch(/^active: Energy\nEnergy: XOM CVX COP SLB\n/)
})

test('status tells the minutes of each session, and of a named symbol the holes with their cause', async () => {
  const [XOM, CVX] = ['XOM', 'CVX'].map((text) => symbolFrom(text)!)
  await storeBars(XOM)
  await storeBars(CVX)
  const [from, until] = [LAST.opensAt + 60_000, LAST.opensAt + 120_000]
  await saveGap(database.pool, {
    feed: 'import',
    from: from as typeof LAST.opensAt,
    until: until as typeof LAST.opensAt,
    cause: 'the stream was closed',
    repairedAt: undefined,
    barsRepaired: 0,
  })
  const present = minutesWithin(LAST, LAST.opensAt, from)
  present.set(minutesWithin(LAST, until, LAST.closesAt).subarray(2), 2)
  const marks = [XOM, CVX].map((symbol) => ({ symbol, present, repaired: noMinutes(LAST) }))
  await markPresent(database.pool, { feed: 'import', session: LAST }, { marks, due: LAST.closesAt })
  const { out } = await run('symbols status XOM')
  expect(out).toContain('2018-03-27  1 of 390 minutes have a bar; no ledger was kept of the others')
  expect(out).toContain('2018-03-28  389 of 390 present, 0 of them repaired, 0 without trade, 1 missing')
  expect(out).toContain('missing 13:31 to 13:32 UTC: the stream was closed')
  expect(out).toContain('deactivated (command line): Taken out of the active set.')
})

test('a check without keys asks the bars alone, and a calendar check without keys is refused', async () => {
  expect((await run('symbols check')).out).toBe(
    "4 symbols looked at, by no broker (no key is set) and by the bars of the feed 'import'.\nNothing changed.\n",
  )
  expect(await run('calendar check')).toMatchObject({ code: 2, err: expect.stringContaining('(ALPACA_KEYS_MISSING)') })
})

test('with keys the exchange is asked; a calendar that differs and a list without most symbols are failures', async () => {
  const exchange = await scriptedExchange(({ path }) => ({
    status: 200,
    body: path === '/v2/assets' ? [] : [{ date: '2018-03-27', open: '09:30', close: '13:00' }],
  }))
  await database.pool.query(`update spreadworks.symbols set asset_id = symbol`)
  const env = { ...KEYS, SPREADWORKS_ALPACA_TRADING_URL: exchange.url }
  const check = await run('symbols check', env)
  const calendar = await run('calendar check --from 2018-03-27 --through 2018-03-28', env)
  await exchange.close()
  expect(check).toMatchObject({ code: 1, err: expect.stringContaining('(SYMBOLS_IMPLAUSIBLE)') })
  expect(calendar).toMatchObject({ code: 1, err: expect.stringContaining('2 days differ') })
  expect(calendar.out).toBe(
    '2018-03-27: our calendar says 09:30–16:00, the exchange 09:30–13:00.\n2018-03-28: our calendar says 09:30–16:00, the exchange shut.\n',
  )
  expect((await run('symbols check', env)).err).toContain('(BROKER_UNAVAILABLE)')
})

test('a named symbol is shown up to its own newest session, however much newer bars others have', async () => {
  await run('symbols add OLD')
  await storeBars('OLD' as Symbol_, sessionsBetween('2018-04-03' as SessionDate, '2018-04-04' as SessionDate))
  const later = sessionsBetween('2018-06-01' as SessionDate, '2018-06-29' as SessionDate)
  await storeBars('NEW' as Symbol_, later)
  expect((await run('symbols status OLD --sessions 1')).out).toContain('2018-04-04')
  expect((await run('symbols status --sessions 1')).out).not.toContain('2018-04-04')
})
