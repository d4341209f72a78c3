import type { Pool } from 'pg'
import type { BarColumns } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import type { BrokerAsset } from '#domain/broker.ts'
import { sessionOn } from '#domain/calendar.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { microUsd } from '#domain/money.ts'
import { nameOf } from '#domain/pair.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, isoFrom, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { fillsOf, ordersOf } from '#execution/orders.store.ts'
import { endingOf, type Saga } from '#execution/saga.ts'
import { barsBetween } from '#market/bars.store.ts'
import { BarWindow } from '#market/window.ts'
import { modelsFor, newestModelsBefore, type StoredModel } from '#models/models.store.ts'
import { equityBetween } from '#portfolio/equity.store.ts'
import type { Portfolio } from '#portfolio/portfolio.ts'
import { rebuild } from '#portfolio/rebuild.ts'
import { startDay } from '#portfolio/value.ts'
import type { Strategy } from '#strategy.ts'
import { shownAtOf } from './books.store.ts'
import { lookbackOf } from './day-bars.steps.ts'
import { EventInbox } from './event-inbox.ts'
import { journalOf, sagasOf } from './order-journal.ts'
import { type DayParameters, isOfAccount } from './rehearsal.ts'
import type { DecidingModel } from './tick-signals.ts'
import { type Alarm, type DeskParts, TradingDesk } from './trading-desk.steps.ts'
import type { Resumption, Venue } from './venue.ts'

/** So many symbols' look-back is read and taken in at a time. */
const SYMBOLS_AT_ONCE = 50

export type DeskDependencies = {
  readonly sql: Pool
  readonly strategyNamed: (name: string) => Promise<Strategy>
  readonly onAlarm: Alarm
}

/** What a venue that is opened for the book's day has to be brought to: where the book stopped within the day, or its open. */
export async function resumptionOf(sql: Pool, { book, day }: DayParameters): Promise<Resumption> {
  return { at: await takenInBy(sql, book, day), journal: journalOf(await ordersOf(sql, book)) }
}

/** Until when the book has taken in what happened on the day: its open when nothing yet. */
export async function takenInBy(sql: Pool, book: Book, day: SessionDate): Promise<EpochMs> {
  const { opensAt } = sessionOfDay(day)
  return epochMs(Math.max(opensAt, (await shownAtOf(sql, book)) ?? opensAt))
}

/** The desk of the day at `takenIn`, from what is stored of its book and what the venue tells. */
export async function openDesk(
  day: DayParameters,
  { venue, takenIn }: { readonly venue: Venue; readonly takenIn: EpochMs },
  dependencies: DeskDependencies,
): Promise<TradingDesk> {
  return new TradingDesk(await deskParts(day, { venue, takenIn }, dependencies))
}

/** What such a desk is made of. */
export async function deskParts(
  day: DayParameters,
  { venue, takenIn }: { readonly venue: Venue; readonly takenIn: EpochMs },
  { sql, strategyNamed, onAlarm }: DeskDependencies,
): Promise<DeskParts> {
  const session = sessionOfDay(day.day)
  const inbox = new EventInbox()
  const strategy = await strategyNamed(day.rules.signals.strategy)
  await venue.broker.tradeUpdates(inbox.addUpdate)
  await venue.bars.subscribe(day.symbols, inbox.addBars)
  const { portfolio, sagas } = await bookOf(sql, day, session)
  const models = await decidingModels(sql, day, portfolio)
  const filled = await filledWindow(sql, { day, session, venue, models, takenIn })
  const assets = await assetsOf(venue, day.symbols)
  return { day, session, sql, venue, strategy, models, ...filled, assets, inbox, portfolio, sagas, takenIn, onAlarm }
}

/** The same desk when another process has gone on with its book: the market as it is known here, the book as it is stored. */
export async function withStoredBook(parts: DeskParts, sql: Pool, takenIn: EpochMs): Promise<DeskParts> {
  const { day, session, inbox } = parts
  // The other process has heard of these as well, and what it made of them is stored.
  inbox.forgetUpdates()
  return { ...parts, ...(await bookOf(sql, day, session)), takenIn }
}

/** The models of today, then of pairs that are still held without one the last they had: such a pair is left, not entered. */
async function decidingModels(sql: Pool, day: DayParameters, { pairs }: Portfolio): Promise<DecidingModel[]> {
  const models = await modelsFor(sql, day.book, day.day)
  const modelled = new Set(models.map(({ pairName }) => pairName))
  const held = pairs.filter(({ state }) => state !== 'closed').map(({ pair }) => nameOf(pair))
  const unmodelled = held.filter((name) => !modelled.has(name))
  const earlier =
    unmodelled.length === 0 ? [] : await newestModelsBefore(sql, { book: day.book, day: day.day, pairs: unmodelled })
  const why = `The pair has no model of ${day.day}`
  return [
    ...models.map((model) => modelOfToday(model, day)),
    ...earlier.map(({ id, model }) => ({ kind: 'exits-only' as const, id, model, why })),
  ]
}

function modelOfToday({ id, model, isPromoted, gateReasons }: StoredModel, { book, rules }: DayParameters): DecidingModel {
  const isBarred = (rules.promotion.enforced === 'always' || isOfAccount(book)) && !isPromoted
  if (isBarred) return { kind: 'exits-only', id, model, why: `The model is not promoted: ${gateReasons.join('; ')}` }
  return { kind: 'usable', id, model, isPromoted }
}

/** The day's session. Throws DAY_CLOSED when there is none. */
export function sessionOfDay(day: SessionDate): Session {
  const session = sessionOn(day)
  if (session === undefined)
    throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange was closed on ${day}; choose a trading day.`)
  return session
}

type Filling = {
  readonly day: DayParameters
  readonly session: Session
  readonly venue: Venue
  readonly models: readonly DecidingModel[]
  readonly takenIn: EpochMs
}

/** The window with the look-back of the symbols that have a model, and of today what the stream will not bring any more. */
async function filledWindow(sql: Pool, { day, session, venue, models, takenIn }: Filling) {
  const { sessions, range, clock } = lookbackOf(day)
  const modelled = [...new Set(models.flatMap(({ model }) => [model.pair.y, model.pair.x]))]
  const history = new Map(day.symbols.map((symbol) => [symbol, noBarsOf(symbol)]))
  const windowMinutes = clock.length + minutesOf(session)
  const window = new BarWindow({ sessions: [...sessions, session], history, capacityMinutes: windowMinutes })
  // A few symbols at a time, so that whatever else this process does has its turn.
  for (let first = 0; first < modelled.length; first += SYMBOLS_AT_ONCE) {
    const stored = await barsBetween(sql, modelled.slice(first, first + SYMBOLS_AT_ONCE), range)
    for (const bars of stored.values()) window.append(rowsOf(bars))
  }
  const barsTakenIn = takenIn > session.opensAt ? await backfill(window, { day, session, venue, takenIn }) : 0
  return { window, windowMinutes, barsTakenIn, remembered: new Map() }
}

/** Asks for the bars of today that the stream will not bring any more; answers how many there were. */
async function backfill(window: BarWindow, { day, session, venue, takenIn }: Omit<Filling, 'models'>): Promise<number> {
  const today = await venue.history.minuteBars(day.symbols, session.opensAt, takenIn)
  if (!today.ok) {
    throw new Fault(
      'BACKFILL_FAILED',
      `The bars of ${day.day} before ${isoFrom(takenIn)} cannot be asked for (${today.why.kind}); rehearse the day again.`,
    )
  }
  let added = 0
  for (const bars of today.value.values()) added += window.append(rowsOf(bars)).added
  return added
}

function* rowsOf({ symbol, openedAt, open, high, low, close, volumeShares }: BarColumns) {
  for (let i = 0; i < openedAt.length; i++) {
    yield {
      symbol,
      openedAt: epochMs(openedAt[i]),
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volumeShares: volumeShares[i],
    }
  }
}

function noBarsOf(symbol: Symbol_): BarColumns {
  const none = new Float64Array(0)
  const price = none as PriceColumn
  return {
    symbol,
    openedAt: none as TimeColumn,
    open: price,
    high: price,
    low: price,
    close: price,
    volumeShares: none as SharesColumn,
  }
}

async function bookOf(
  sql: Pool,
  { book, rules }: DayParameters,
  session: Session,
): Promise<{ portfolio: Portfolio; sagas: Saga[] }> {
  const cash = microUsd(rules.risk.startingCashUsd)
  const [orders, fills] = [await ordersOf(sql, book), await fillsOf(sql, book)]
  const portfolio = startDay(rebuild({ cash, orders, fills }))
  const before = await equityBetween(sql, book, { from: epochMs(0), until: session.opensAt })
  const sagas = sagasOf(orders).filter((saga) => endingOf(saga) === undefined)
  return { portfolio: { ...portfolio, startingEquity: before.at(-1)?.equity ?? cash }, sagas }
}

async function assetsOf(venue: Venue, symbols: readonly Symbol_[]): Promise<ReadonlyMap<Symbol_, BrokerAsset>> {
  const assets = await venue.broker.assets(symbols)
  if (!assets.ok)
    throw new Fault(
      'BROKER_UNAVAILABLE',
      `The broker does not tell which symbols it trades (${assets.why.kind}); rehearse the day again.`,
    )
  return new Map(assets.value.map((asset) => [asset.symbol, asset]))
}
