/**
 * One book's day at its venue, held in this process: the window of bars that the stream fills, the portfolio, and the
 * pair orders under way. All of it can be made again from what is stored, so a day goes on in another process.
 */
import type { Pool } from 'pg'
import { inTransaction } from '#database/transaction.store.ts'
import type { BrokerAsset } from '#domain/broker.ts'
import { Fault } from '#domain/fault.ts'
import { nameOf } from '#domain/pair.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { BareFill } from '#execution/fills.ts'
import { newsFromUpdate } from '#execution/order-events.ts'
import { recordTrading } from '#execution/orders.store.ts'
import { begin, endingOf, type Saga, type SagaEvent } from '#execution/saga.ts'
import { advance, type Hands, type JournalEntry } from '#execution/submit.ts'
import type { BarWindow } from '#market/window.ts'
import { secFee, tradeValue, tradingActivityFee } from '#matching/fill-model.ts'
import type { StoredModel } from '#models/models.store.ts'
import { applyFill, applyIntent, settlePair } from '#portfolio/apply.ts'
import { saveEquity } from '#portfolio/equity.store.ts'
import { type Portfolio, positionIn } from '#portfolio/portfolio.ts'
import { savePositions } from '#portfolio/positions.store.ts'
import { type EquityPoint, equityPoint, markToMarket } from '#portfolio/value.ts'
import { assessInTurn, type RiskDecision } from '#risk/assess.ts'
import { saveDecisions } from '#risk/decisions.store.ts'
import type { Circumstances } from '#risk/limits.ts'
import { pendingAmong } from '#risk/pair-order.ts'
import { decide } from '#signals/decide.ts'
import { isActionable, type Signal } from '#signals/signal.ts'
import { saveSignals, signalsBetween } from '#signals/signals.store.ts'
import type { ModelForPair } from '#signals/view.ts'
import type { Strategy } from '#strategy.ts'
import { showBookAt } from './books.store.ts'
import { EventInbox } from './event-inbox.ts'
import { type DayParameters, dayRunId } from './rehearsal.ts'
import type { Venue } from './venue.ts'

/** What the desk tells when a person should know: an exposure that could not be undone, an order that never ended. */
export type Alarm = (day: DayParameters, at: EpochMs, sentence: string) => Promise<void>

/** Everything that a desk is made of. `portfolio` and `sagas` are what the book's stored orders and fills come to. */
export type DeskParts = {
  readonly day: DayParameters
  readonly session: Session
  readonly sql: Pool
  readonly venue: Venue
  readonly strategy: Strategy
  readonly models: readonly StoredModel[]
  readonly window: BarWindow
  /** Most minutes of the window that a decision looks at. */
  readonly windowMinutes: number
  readonly assets: ReadonlyMap<Symbol_, BrokerAsset>
  readonly inbox: EventInbox
  readonly portfolio: Portfolio
  readonly sagas: readonly Saga[]
  /** Everything until then is in the parts above. */
  readonly takenIn: EpochMs
  readonly onAlarm: Alarm
}

export class TradingDesk {
  readonly #parts: DeskParts
  readonly #prices = new Map<Symbol_, number>()
  /** Pair orders that have not ended, by the decision that they carry out. */
  readonly #sagas = new Map<string, Saga>()
  #portfolio: Portfolio
  #takenIn: EpochMs

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#portfolio = parts.portfolio
    this.#takenIn = parts.takenIn
    for (const saga of parts.sagas) this.#keep(saga)
    for (const symbol of parts.day.symbols) {
      const last = parts.window.lastBarOf(symbol)
      if (last !== undefined) this.#prices.set(symbol, last.close)
    }
  }

  /** Waits for `at` and takes in all that happened until then. On a clock with a pace of its own minute by minute, so that the page lives. */
  async awaitTick(at: EpochMs): Promise<void> {
    const step = this.#parts.day.speed === 'max' ? Number.POSITIVE_INFINITY : MINUTE_MS
    while (this.#takenIn < at) {
      const until = epochMs(Math.min(at, this.#takenIn + step))
      await this.#parts.venue.clock.sleepUntil(until)
      await this.#takeIn(until)
    }
    for (const saga of [...this.#sagas.values()]) await this.#advance(saga, this.#isOverdue(saga, at) ? { kind: 'time-limit', at } : { kind: 'look', at })
  }

  /** Decides at `at`, once: signals, what risk says of them and the orders intended are stored together or not at all. */
  async decide(at: EpochMs): Promise<number> {
    const { sql, day } = this.#parts
    if ((await signalsBetween(sql, day.book, { from: at, until: at })).length > 0) return this.#sagas.size
    const signals = this.#parts.models.map((model) => this.#signalFor(model, at))
    const actionable = signals.filter(isActionable)
    const decisions = actionable.length === 0 ? [] : assessInTurn(actionable, await this.#circumstances(day))
    const sagas = decisions.flatMap((decision) => (decision.kind === 'approved' ? [begin(decision.order, dayRunId('trading-session', day)).saga] : []))
    await this.#store(at, { signals, decisions, sagas })
    for (const saga of sagas) {
      this.#keep(saga)
      for (const order of saga.orders) this.#portfolio = applyIntent(this.#portfolio, order)
    }
    return sagas.length
  }

  /** Asks about every order that has not ended, and sends those that the broker has never had. */
  async execute(at: EpochMs): Promise<void> {
    for (const saga of [...this.#sagas.values()]) await this.#advance(saga, { kind: 'look', at })
    await savePositions(this.#parts.sql, this.#parts.day.book, this.#portfolio.pairs)
  }

  /** Ends the day: what is still held or still under way is told. */
  async settle(at: EpochMs): Promise<void> {
    const { day, onAlarm } = this.#parts
    for (const { pair, state } of this.#portfolio.pairs) {
      if (state !== 'closed') await onAlarm(day, at, `${nameOf(pair)} is still ${state} at the close.`)
    }
  }

  async #takeIn(until: EpochMs): Promise<void> {
    const { day, sql, inbox } = this.#parts
    const points: EquityPoint[] = []
    for (const { at, updates, bars } of inbox.drain(this.#takenIn, until)) {
      for (const update of updates) await this.#hear(newsFromUpdate(update))
      this.#parts.window.append(bars)
      for (const { symbol, close } of bars) this.#prices.set(symbol, close)
      this.#portfolio = markToMarket(this.#portfolio, at, this.#prices)
      if (at > this.#parts.session.opensAt) points.push(equityPoint(this.#portfolio, at))
    }
    await saveEquity(sql, day.book, points)
    await savePositions(sql, day.book, this.#portfolio.pairs)
    await showBookAt(sql, day.book, until)
    this.#takenIn = until
  }

  async #hear(news: ReturnType<typeof newsFromUpdate>): Promise<void> {
    const saga = [...this.#sagas.values()].find(({ orders }) => orders.some(({ clientOrderId }) => clientOrderId === news.clientOrderId))
    if (saga !== undefined) await this.#advance(saga, news)
  }

  async #advance(saga: Saga, event: SagaEvent): Promise<void> {
    const { day, onAlarm } = this.#parts
    const progress = await advance(saga, event, this.#hands())
    for (const fill of progress.fills) this.#portfolio = applyFill(this.#portfolio, fill)
    this.#keep(progress.saga)
    const ending = endingOf(progress.saga)
    const [order] = progress.saga.orders
    if (ending === undefined || order === undefined) return
    this.#sagas.delete(order.decisionId)
    this.#portfolio = settlePair(this.#portfolio, order.pair)
    if (ending.kind !== 'exposed') return
    const { y, x } = ending.residual
    await onAlarm(day, order.at, `${nameOf(order.pair)} is left with ${y} ${order.pair.y} and ${x} ${order.pair.x} that no order undoes.`)
  }

  #keep(saga: Saga): void {
    const [order] = saga.orders
    if (order !== undefined) this.#sagas.set(order.decisionId, saga)
  }

  #hands(): Hands {
    const { venue, day } = this.#parts
    const feesOf = ({ side, price, quantityShares }: BareFill) => {
      const { exchange } = day.rules
      if (side === 'buy') return ZERO
      return (secFee(tradeValue(price, quantityShares), exchange) + tradingActivityFee(quantityShares, exchange)) as typeof ZERO
    }
    return { broker: venue.broker, now: venue.clock.now, feesOf, record: (entry) => this.#record(entry) }
  }

  async #record(entry: JournalEntry): Promise<void> {
    await recordTrading(this.#parts.sql, this.#parts.day.book, entry)
    for (const intent of entry.intents) this.#portfolio = applyIntent(this.#portfolio, intent)
  }

  async #store(at: EpochMs, { signals, decisions, sagas }: { signals: readonly Signal[]; decisions: readonly RiskDecision[]; sagas: readonly Saga[] }): Promise<void> {
    const { book } = this.#parts.day
    const intents = sagas.flatMap(({ orders }) => orders)
    await inTransaction(this.#parts.sql, async (sql) => {
      await saveSignals(sql, signals)
      await saveDecisions(sql, book, decisions)
      await recordTrading(sql, book, { at, intents, changed: [], fills: [] })
    })
  }

  #signalFor({ id, model, isPromoted, gateReasons }: StoredModel, at: EpochMs): Signal {
    const { day, session, strategy, window, windowMinutes } = this.#parts
    const { pairs, signals, risk, promotion } = day.rules
    const { y, x } = model.pair
    const aligned = window.alignedPair(y, x, { until: at, count: windowMinutes, carryBars: pairs.carryBars })
    const isBarred = promotion.enforced === 'always' && !isPromoted
    const usable: ModelForPair = isBarred
      ? { kind: 'exits-only', id, model, why: `The model is not promoted: ${gateReasons.join('; ')}` }
      : { kind: 'usable', id, model, isPromoted }
    return decide({
      book: day.book,
      pair: model.pair,
      model: usable,
      closes: { openedAt: aligned.clock, y: aligned.y, x: aligned.x },
      at,
      session,
      position: positionIn(this.#portfolio, model.pair),
      rules: { ...signals, flatBeforeCloseMinutes: risk.flatBeforeCloseMinutes },
      strategy,
    })
  }

  async #circumstances({ rules, book }: DayParameters): Promise<Circumstances> {
    const { venue, session, assets } = this.#parts
    const account = await venue.broker.account()
    if (!account.ok) throw new Fault('BROKER_UNAVAILABLE', `The broker does not tell the account of ${book} (${account.why.kind}); nothing is decided without it.`)
    const orders = [...this.#sagas.values()].flatMap((saga) => saga.orders)
    return {
      portfolio: this.#portfolio,
      limits: rules.risk,
      session,
      prices: this.#prices,
      account: account.value,
      assets,
      pendingOrders: pendingAmong(orders),
    }
  }

  #isOverdue({ orders }: Saga, at: EpochMs): boolean {
    const [first] = orders
    return first?.purpose === 'enter' && at - first.at >= this.#parts.day.rules.risk.pairOrderMinutes * MINUTE_MS
  }
}

const ZERO = 0n as ReturnType<typeof tradeValue>
