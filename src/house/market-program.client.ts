import type { MarketProgram, SectorSwitch, SessionCoverage, SymbolStatus } from '#cli/market-program.ts'
import type { Database } from '#database/connection.client.ts'
import { coverageView, symbolMinutes } from '#desk/coverage.store.ts'
import { sectorViews, symbolHistory, symbolViews } from '#desk/listings.store.ts'
import type { CoverageView, SymbolView } from '#desk/market-views.ts'
import { sessionDateFrom, sessionOn } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import { type Symbol_, tickerFrom } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { forgetSectorSwitches, switchSectors } from '#market/sectors.store.ts'
import { addSymbols, setSymbolsActive } from '#market/symbol-records.store.ts'
import { sectorsOf } from '#settings/sector-lists.ts'
import { compareCalendars, lookAtSymbols, type Store } from './exchange-checks.client.ts'

const BY = 'command line'
const EVENTS_SHOWN = 20
const MOST_SYMBOLS = 100_000

/** The commands about symbols, sectors and the calendar. Each opens the store when it is asked, and closes it again. */
export function marketProgram(openStore: () => Promise<Store>): MarketProgram {
  const using = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStore()
    try {
      return await work(store)
    } finally {
      await store.database.close()
    }
  }
  return {
    symbols: () => using(listed),
    addSymbols: (symbols, sector) => using((store) => add(store, symbols.map(tickerFrom), sector)),
    removeSymbols: (symbols) => using((store) => remove(store, symbols.map(tickerFrom))),
    symbolStatus: (symbols, sessions) => using((store) => statusOf(store, symbols.map(tickerFrom), sessions)),
    checkSymbols: () => using(lookAtSymbols),
    sectors: () => using((store) => sectorViews(store.database.pool, asked(store))),
    switchSectors: (choice) => using((store) => switchTo(store, choice)),
    configuredSectors: () => using(async ({ settings }) => settings.sectors),
    checkCalendar: (range) => using((store) => compareCalendars(store, range)),
  }
}

function now() {
  return epochMs(Date.now())
}

function asked({ settings }: Store) {
  return { activeSectors: settings.sectors.active, at: now() }
}

function listed(store: Store): Promise<SymbolView[]> {
  return symbolViews(store.database.pool, asked(store))
}

async function add({ settings, database: { pool } }: Store, symbols: readonly Symbol_[], sector: string | undefined) {
  const author = { by: BY, at: now() }
  const sectors = sectorsOf(settings.sectors.listed)
  const entries = symbols.map((symbol) => ({ symbol, name: symbol, sector: sector ?? sectors.get(symbol) }))
  const added = await addSymbols(pool, entries, { ...author, evidence: 'Added by command.' })
  return [...added, ...(await setSymbolsActive(pool, symbols, { ...author, isActive: true }))]
}

async function remove(store: Store, symbols: readonly Symbol_[]): Promise<Symbol_[]> {
  await requireKnown(store, symbols)
  return setSymbolsActive(store.database.pool, symbols, { isActive: false, by: BY, at: now() })
}

async function requireKnown(store: Store, symbols: readonly Symbol_[]): Promise<SymbolView[]> {
  const known = new Map((await listed(store)).map((view) => [view.symbol, view]))
  return symbols.map((symbol) => {
    const view = known.get(symbol)
    if (view !== undefined) return view
    throw wrongRequest('SYMBOL_UNKNOWN', `There is no symbol ${symbol}; add it first (spreadworks symbols add ${symbol}).`)
  })
}

async function statusOf(store: Store, symbols: readonly Symbol_[], sessions: number): Promise<SymbolStatus[]> {
  const { settings, database } = store
  const isDetailed = symbols.length > 0
  const views = isDetailed ? await requireKnown(store, symbols) : await listed(store)
  const page = { feed: settings.market.feed, sessions, offset: 0, limit: MOST_SYMBOLS }
  if (!isDetailed) {
    const coverage = await coverageView(database.pool, page)
    return views.map((view) => shortStatus(view, coverage))
  }
  return Promise.all(
    views.map(async (view) => {
      const coverage = await coverageView(database.pool, { ...page, endingWith: tickerFrom(view.symbol) })
      return detailed(database, shortStatus(view, coverage))
    }),
  )
}

function shortStatus(symbol: SymbolView, coverage: CoverageView): SymbolStatus {
  return { symbol, feed: coverage.feed, sessions: sessionsOf(symbol, coverage), holes: [], events: [] }
}

function sessionsOf(view: SymbolView, coverage: CoverageView): SessionCoverage[] {
  const cells = coverage.rows.find(({ symbol }) => symbol === view.symbol)?.cells ?? []
  return coverage.sessions.flatMap(({ day, minutes }, i) => {
    const cell = cells.at(i) ?? undefined
    if (cell === undefined) return []
    const { present, repaired, noTrade, missing, due } = cell
    return [{ day, minutes, present, repaired, noTrade, missing, isJudged: due > 0 }]
  })
}

/** With the holes of the newest session and what happened to the symbol. */
async function detailed({ pool }: Database, status: SymbolStatus): Promise<SymbolStatus> {
  const symbol = tickerFrom(status.symbol.symbol)
  const events = await symbolHistory(pool, { symbol, limit: EVENTS_SHOWN })
  const day = sessionDateFrom(status.sessions.at(-1)?.day ?? '')
  const session = day && sessionOn(day)
  if (status.feed === null || session === undefined) return { ...status, events }
  const { runs } = await symbolMinutes(pool, { feed: status.feed, symbol, session })
  return { ...status, events, holes: runs.filter(({ state }) => state === 'missing' || state === 'repaired') }
}

async function switchTo(store: Store, choice: SectorSwitch) {
  const { pool } = store.database
  if (choice.kind === 'configuration') await forgetSectorSwitches(pool)
  else {
    const known = (await sectorViews(pool, asked(store))).map(({ sector }) => sector)
    await switchSectors(pool, switchesOf(choice, known), { by: BY })
  }
  return sectorViews(pool, asked(store))
}

/** Every known sector with its switch. Throws SECTOR_UNKNOWN for a name that none has; letters' case is not looked at. */
function switchesOf(choice: Exclude<SectorSwitch, { kind: 'configuration' }>, known: readonly string[]): Map<string, boolean> {
  if (choice.kind === 'all') return new Map(known.map((sector) => [sector, true]))
  const wanted = new Set(choice.sectors.map((sector) => sector.toLowerCase()))
  const unknown = choice.sectors.find((sector) => !known.some((one) => one.toLowerCase() === sector.toLowerCase()))
  if (unknown !== undefined)
    throw wrongRequest(
      'SECTOR_UNKNOWN',
      `There is no sector '${unknown}'; there ${known.length === 0 ? 'are none yet: import a symbols.csv' : `are ${known.join(', ')}`}.`,
    )
  return new Map(known.map((sector) => [sector, wanted.has(sector.toLowerCase())]))
}
