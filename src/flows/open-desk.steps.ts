import type { Pool } from 'pg'
import type { BarColumns } from '#domain/bars.ts'
import type { BrokerAsset } from '#domain/broker.ts'
import { Fault } from '#domain/fault.ts'
import { microUsd } from '#domain/money.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { fillsOf, ordersOf } from '#execution/orders.store.ts'
import { endingOf, restore, type Saga, type SagaOrder } from '#execution/saga.ts'
import { barsBetween } from '#market/bars.store.ts'
import { BarWindow } from '#market/window.ts'
import { modelsFor, type StoredModel } from '#models/models.store.ts'
import { equityBetween } from '#portfolio/equity.store.ts'
import type { Portfolio } from '#portfolio/portfolio.ts'
import { rebuild } from '#portfolio/rebuild.ts'
import { startDay } from '#portfolio/value.ts'
import type { Strategy } from '#strategy.ts'
import { EventInbox } from './event-inbox.ts'
import type { DayParameters } from './rehearsal.ts'
import { lookbackOf } from './start-of-day.steps.ts'
import { type Alarm, TradingDesk } from './trading-desk.steps.ts'
import type { Resumption, Venue } from './venue.ts'

export type DeskDependencies = { readonly sql: Pool; readonly strategyNamed: (name: string) => Promise<Strategy>; readonly onAlarm: Alarm }

export type OpenedDesk = { readonly desk: TradingDesk; readonly close: () => Promise<void> }

/** What a venue that is opened for the book has to be brought to. */
export async function resumptionOf(sql: Pool, { book }: DayParameters, shownAt: EpochMs | undefined): Promise<Resumption> {
  const orders = await ordersOf(sql, book)
  const fills = await fillsOf(sql, book)
  const firstFill = new Map(fills.toReversed().map(({ clientOrderId, at }) => [clientOrderId, at]))
  const sent = orders.filter(({ state }) => state.kind !== 'intended' && state.kind !== 'rejected')
  return {
    at: shownAt,
    orders: sent.map((request) => ({ at: placedAt(request, firstFill.get(request.clientOrderId)), request })),
  }
}

/** An order filled on the bar that closed at its first fill, so that it was there when that bar opened at the latest. */
function placedAt({ at }: SagaOrder, firstFill: EpochMs | undefined): EpochMs {
  return firstFill === undefined ? at : epochMs(Math.max(at, firstFill - 60_000))
}

/** The desk of the day, from what is stored of its book and what the venue tells. */
export async function openDesk(day: DayParameters, session: Session, venue: Venue, { sql, strategyNamed, onAlarm }: DeskDependencies): Promise<OpenedDesk> {
  const inbox = new EventInbox()
  const strategy = await strategyNamed(day.rules.signals.strategy)
  const streams = [await venue.broker.tradeUpdates(inbox.addUpdate), await venue.bars.subscribe(day.symbols, inbox.addBars)]
  const takenIn = epochMs(Math.max(session.opensAt, await venue.clock.now()))
  const models = await modelsFor(sql, day.book, day.day)
  const { window, windowMinutes } = await filledWindow(sql, { day, session, venue, models, takenIn })
  const { portfolio, sagas } = await bookOf(sql, day, session)
  const assets = await assetsOf(venue, day.symbols)
  const desk = new TradingDesk({ day, session, sql, venue, strategy, models, window, windowMinutes, assets, inbox, portfolio, sagas, takenIn, onAlarm })
  return {
    desk,
    close: async () => {
      for (const stream of streams) await stream.close()
    },
  }
}

type Filling = {
  readonly day: DayParameters
  readonly session: Session
  readonly venue: Venue
  readonly models: readonly StoredModel[]
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
  if (takenIn > session.opensAt) await backfill(window, { day, session, venue, takenIn })
  return { window, windowMinutes }
}

async function backfill(window: BarWindow, { day, session, venue, takenIn }: Omit<Filling, 'models'>): Promise<void> {
  const today = await venue.history.minuteBars(day.symbols, session.opensAt, takenIn)
  if (!today.ok) throw new Fault('BACKFILL_FAILED', `The bars of ${day.day} before ${new Date(takenIn).toISOString()} cannot be asked for (${today.why.kind}); the day goes on when they can.`)
  for (const bars of today.value.values()) window.append(rowsOf(bars))
}

function* rowsOf({ symbol, openedAt, open, high, low, close, volumeShares }: BarColumns) {
  for (let i = 0; i < openedAt.length; i++) {
    yield { symbol, openedAt: epochMs(openedAt[i]), open: open[i], high: high[i], low: low[i], close: close[i], volumeShares: volumeShares[i] }
  }
}

function noBarsOf(symbol: Symbol_): BarColumns {
  const none = new Float64Array(0)
  const price = none as PriceColumn
  return { symbol, openedAt: none as TimeColumn, open: price, high: price, low: price, close: price, volumeShares: none as SharesColumn }
}

async function bookOf(sql: Pool, { book, rules }: DayParameters, session: Session): Promise<{ portfolio: Portfolio; sagas: Saga[] }> {
  const cash = microUsd(rules.risk.startingCashUsd)
  const [orders, fills] = [await ordersOf(sql, book), await fillsOf(sql, book)]
  const portfolio = startDay(rebuild({ cash, orders, fills }))
  const before = await equityBetween(sql, book, { from: epochMs(0), until: session.opensAt })
  const byDecision = Map.groupBy(orders, ({ decisionId }) => decisionId)
  const sagas = [...byDecision.values()].map(restore).filter((saga) => endingOf(saga) === undefined)
  return { portfolio: { ...portfolio, startingEquity: before.at(-1)?.equity ?? cash }, sagas }
}

async function assetsOf(venue: Venue, symbols: readonly Symbol_[]): Promise<ReadonlyMap<Symbol_, BrokerAsset>> {
  const assets = await venue.broker.assets(symbols)
  if (!assets.ok) throw new Fault('BROKER_UNAVAILABLE', `The broker does not tell which symbols it trades (${assets.why.kind}); the day begins when it does.`)
  return new Map(assets.value.map((asset) => [asset.symbol, asset]))
}
