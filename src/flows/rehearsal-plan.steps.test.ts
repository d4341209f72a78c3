import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { switchSectors } from '#market/sectors.store.ts'
import { addSymbols, setSymbolsActive } from '#market/symbol-records.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { freshDatabase } from '../../test/database.ts'
import { lookbackOf } from './day-bars.steps.ts'
import { dayOf } from './rehearsal.ts'
import { planRehearsal, rehearsalRequestFrom } from './rehearsal-plan.steps.ts'

/** Around Thanksgiving 2018: a holiday on Thursday, a half day on Friday, a weekend. */
const SESSIONS = sessionsBetween('2018-11-19' as SessionDate, '2018-11-27' as SessionDate)
const DAY = '2018-11-27'
const AUTHOR = { by: 'test', at: SESSIONS[0].opensAt }

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
  const known = { CVX: 'Energy', DUK: 'Utilities', KO: 'Staples', SO: 'Utilities', XOM: 'Energy' }
  const entries = Object.entries(known).map(([name, sector]) => ({ symbol: symbolFrom(name)!, name, sector }))
  await addSymbols(database.pool, entries, { ...AUTHOR, evidence: 'A test needs it.' })
  for (const symbol of [...entries.map((entry) => entry.symbol), 'ZZ' as Symbol_]) await storeBars(symbol)
})
afterAll(() => database.close())

/** A bar at each open, and one a quarter past 13:00 of every day, closed days too. */
async function storeBars(symbol: Symbol_): Promise<void> {
  const afternoons = Array.from({ length: 9 }, (_, i) => Date.parse(`2018-11-${19 + i}T18:15:00Z`))
  const openedAt = Float64Array.from([...SESSIONS.map(({ opensAt }) => opensAt), ...afternoons]).sort() as never
  const column = (value: number) => Float64Array.from(openedAt, () => value) as never
  const prices = { open: column(10), high: column(11), low: column(9), close: column(10), volumeShares: column(100) }
  await saveBars(database.pool, { symbol, openedAt, ...prices }, { timeframe: '1m', feed: 'import' })
}

async function plan(request: object = {}, env: NodeJS.ProcessEnv = {}) {
  const { settings } = await readSettingsFiles({ SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '4', ...env })
  return planRehearsal(database.pool, rehearsalRequestFrom({ day: DAY, ...request }), settings)
}

describe('closed days', () => {
  test.each(['2018-11-22', '2018-11-24', '2018-11-25'])('%s cannot be traded, though bars of it are stored', async (day) => {
    await expect(plan({ day })).rejects.toMatchObject({ code: 'DAY_CLOSED' })
  })

  test('days in a row pass over them', async () => {
    const { days } = await plan({ day: '2018-11-23', days: 3 }, { SPREADWORKS_PAIRS_LOOKBACK_SESSIONS: '3' })
    expect(days).toEqual(['2018-11-23', '2018-11-26', '2018-11-27'])
  })

  test('training looks back on sessions alone: no minute of a closed day, and none from 13:00 on of a half day', async () => {
    const { clock, sessions } = lookbackOf(dayOf(await plan(), DAY as SessionDate))
    expect(sessions.map(({ date }) => date)).toEqual(['2018-11-20', '2018-11-21', '2018-11-23', '2018-11-26'])
    expect(clock.length).toBe(390 + 390 + 210 + 390)
    const isIn =
      (at: number) =>
      ({ opensAt, closesAt }: Session) =>
        opensAt <= at && at < closesAt
    expect(clock.every((at) => sessions.some(isIn(at)))).toBe(true)
    expect(clock.filter((at) => isoFrom(epochMs(at)).startsWith('2018-11-23')).at(-1)).toBe(Date.parse('2018-11-23T17:59:00Z'))
  })
})

describe('the active set', () => {
  const symbolsOf = async (request: object = {}, env: NodeJS.ProcessEnv = {}) => (await plan(request, env)).symbols
  const setStatus = (symbol: string, since: string) =>
    database.pool.query(`update spreadworks.symbols set status = 'delisted', status_since = $2 where symbol = $1`, [
      symbol,
      since,
    ])

  test('is every symbol with bars until someone says otherwise', async () => {
    expect(await symbolsOf()).toEqual(['CVX', 'DUK', 'KO', 'SO', 'XOM', 'ZZ'])
  })

  test('leaves out a symbol that was taken out, and a sector that the configuration does not name', async () => {
    await setSymbolsActive(database.pool, ['KO' as Symbol_], { ...AUTHOR, isActive: false })
    expect(await symbolsOf()).toEqual(['CVX', 'DUK', 'SO', 'XOM', 'ZZ'])
    expect(await symbolsOf({}, { SPREADWORKS_SECTORS_ACTIVE: 'energy' })).toEqual(['CVX', 'XOM', 'ZZ'])
  })

  test('a sector switched off is left out whatever the configuration says, and refused when asked for', async () => {
    await switchSectors(database.pool, new Map([['Utilities', false]]), { by: 'test' })
    expect(await symbolsOf({}, { SPREADWORKS_SECTORS_ACTIVE: 'Energy,Utilities' })).toEqual(['CVX', 'XOM', 'ZZ'])
    await expect(plan({ sectors: ['utilities'] })).rejects.toMatchObject({ code: 'SECTOR_INACTIVE', exitCode: 2 })
  })

  test('a delisted symbol is rehearsed on the days before, keeps its bars, and takes no entry after', async () => {
    await setStatus('CVX', '2018-11-26T21:00:00Z')
    expect(await symbolsOf({ day: '2018-11-26' })).toEqual(['CVX', 'XOM', 'ZZ'])
    expect(await symbolsOf()).toEqual(['XOM', 'ZZ'])
    const { rows } = await database.pool.query(`select count(*)::int as bars from spreadworks.bars where symbol = 'CVX'`)
    expect(rows).toEqual([{ bars: 15 }])
  })

  test('too few are told with how many were kept out', async () => {
    await setStatus('XOM', '2018-11-01T00:00:00Z')
    await expect(plan()).rejects.toMatchObject({ message: expect.stringContaining('and 5 that take no new entry') })
  })
})
