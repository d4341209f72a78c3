import type { Pool } from 'pg'
import type { BarColumns } from '#domain/bars.ts'
import type { BrokerAsset } from '#domain/broker.ts'
import { sessionOn } from '#domain/calendar.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import { microUsd } from '#domain/money.ts'
import { nameOf, type PairName } from '#domain/pair.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, isoFrom, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { fillsOf, ordersOf } from '#execution/orders.store.ts'
import { endingOf, type Saga } from '#execution/saga.ts'
import { barsBetween } from '#market/bars.store.ts'
import { BarWindow } from '#market/window.ts'
import { modelsFor, type StoredModel } from '#models/models.store.ts'
import { equityBetween } from '#portfolio/equity.store.ts'
import type { Portfolio } from '#portfolio/portfolio.ts'
import { rebuild } from '#portfolio/rebuild.ts'
import { startDay } from '#portfolio/value.ts'
import type { Strategy } from '#strategy.ts'
import { shownAtOf } from './books.store.ts'
import { EventInbox } from './event-inbox.ts'
import { journalOf, sagasOf } from './order-journal.ts'
import type { DayParameters } from './rehearsal.ts'
import { lookbackOf } from './start-of-day.steps.ts'
import type { DecidingModel } from './tick-signals.ts'
import { type Alarm, TradingDesk } from './trading-desk.steps.ts'
import type { Resumption, Venue } from './venue.ts'

export type DeskDependencies = {
  readonly sql: Pool
  readonly strategyNamed: (name: string) => Promise<Strategy>
  readonly onAlarm: Alarm
}

/** What a venue that is opened for the book's day has to be brought to: where the book stopped within the day, or its open. */
export async function resumptionOf(sql: Pool, { book, day }: DayParameters): Promise<Resumption> {
  const { opensAt } = sessionOfDay(day)
  return {
    at: epochMs(Math.max(opensAt, (await shownAtOf(sql, book)) ?? opensAt)),
    journal: journalOf(await ordersOf(sql, book)),
  }
}

/** The desk of the day, from what is stored of its book and what the venue tells. */
export async function openDesk(
  day: DayParameters,
  venue: Venue,
  { sql, strategyNamed, onAlarm }: DeskDependencies,
): Promise<TradingDesk> {
  const session = sessionOfDay(day.day)
  const inbox = new EventInbox()
  const strategy = await strategyNamed(day.rules.signals.strategy)
  await venue.broker.tradeUpdates(inbox.addUpdate)
  await venue.bars.subscribe(day.symbols, inbox.addBars)
  const takenIn = epochMs(Math.max(session.opensAt, await venue.clock.now()))
  const { portfolio, sagas } = await bookOf(sql, day, session)
  const models = await decidingModels(sql, day, portfolio)
  const filled = await filledWindow(sql, { day, session, venue, models, takenIn })
  const assets = await assetsOf(venue, day.symbols)
  return new TradingDesk({
    day,
    session,
    sql,
    venue,
    strategy,
    models,
    ...filled,
    assets,
    inbox,
    portfolio,
    sagas,
    takenIn,
    onAlarm,
  })
}

/** The models of today, then of pairs that are still held without one the last they had: such a pair is left, not entered. */
async function decidingModels(sql: Pool, day: DayParameters, { pairs }: Portfolio): Promise<DecidingModel[]> {
  const models = await modelsFor(sql, day.book, day.day)
  const modelled = new Set(models.map(({ pairName }) => pairName))
  const held = pairs.filter(({ state }) => state !== 'closed').map(({ pair }) => nameOf(pair))
  const earlier = await earlierModelsOf(sql, day, held.filter((name) => !modelled.has(name)).sort(bySymbol))
  const why = `The pair has no model of ${day.day}`
  return [
    ...models.map((model) => modelOfToday(model, day)),
    ...earlier.map(({ id, model }) => ({ kind: 'exits-only' as const, id, model, why })),
  ]
}

function modelOfToday({ id, model, isPromoted, gateReasons }: StoredModel, { rules }: DayParameters): DecidingModel {
  const isBarred = rules.promotion.enforced === 'always' && !isPromoted
  if (isBarred) return { kind: 'exits-only', id, model, why: `The model is not promoted: ${gateReasons.join('; ')}` }
  return { kind: 'usable', id, model, isPromoted }
}

/** The newest model of each pair from the days before today. */
async function earlierModelsOf(
  sql: Pool,
  { book, day, days }: DayParameters,
  names: readonly PairName[],
): Promise<StoredModel[]> {
  const found = new Map<PairName, StoredModel>()
  if (names.length === 0) return []
  for (const date of days.filter((one) => one < day))
    for (const model of await modelsFor(sql, book, date)) found.set(model.pairName, model)
  return names.flatMap((name) => found.get(name) ?? [])
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
  const stored = modelled.length === 0 ? new Map<Symbol_, BarColumns>() : await barsBetween(sql, modelled, range)
  const history = new Map(day.symbols.map((symbol) => [symbol, stored.get(symbol) ?? noBarsOf(symbol)]))
  const windowMinutes = clock.length + minutesOf(session)
  const window = new BarWindow({ sessions: [...sessions, session], history, capacityMinutes: windowMinutes })
  const barsTakenIn = takenIn > session.opensAt ? await backfill(window, { day, session, venue, takenIn }) : 0
  return { window, windowMinutes, barsTakenIn }
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
