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
import { newsFromUpdate } from '#execution/order-events.ts'
import { recordTrading } from '#execution/orders.store.ts'
import { begin, type Ending, endingOf, type Saga, type SagaEvent } from '#execution/saga.ts'
import { advance, type Hands, type JournalEntry } from '#execution/submit.ts'
import type { BarWindow } from '#market/window.ts'
import { applyFill, applyIntent, settlePair } from '#portfolio/apply.ts'
import { saveEquity } from '#portfolio/equity.store.ts'
import type { Portfolio } from '#portfolio/portfolio.ts'
import { savePositions } from '#portfolio/positions.store.ts'
import { type EquityPoint, equityPoint, markToMarket } from '#portfolio/value.ts'
import { assessInTurn, type RiskDecision } from '#risk/assess.ts'
import { saveDecisions } from '#risk/decisions.store.ts'
import type { Circumstances } from '#risk/limits.ts'
import { pendingAmong } from '#risk/pair-order.ts'
import { isActionable, type Signal } from '#signals/signal.ts'
import { saveSignals, signalsBetween } from '#signals/signals.store.ts'
import type { Strategy } from '#strategy.ts'
import { showBookAt } from './books.store.ts'
import type { EventInbox, Minute } from './event-inbox.ts'
import { feesOf } from './fill-fees.ts'
import { saveProgress } from './progress.store.ts'
import { type DayParameters, dayRunId } from './rehearsal.ts'
import { inTurn } from './saga-turn.ts'
import { inSlices } from './slices.steps.ts'
import { type DecidingModel, type SignalParts, tickSignals } from './tick-signals.ts'
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
  readonly models: readonly DecidingModel[]
  readonly window: BarWindow
  /** Most minutes of the window that a decision looks at. */
  readonly windowMinutes: number
  readonly remembered: SignalParts['remembered']
  readonly assets: ReadonlyMap<Symbol_, BrokerAsset>
  readonly inbox: EventInbox
  readonly portfolio: Portfolio
  readonly sagas: readonly Saga[]
  /** Everything until then is in the parts above, */
  readonly takenIn: EpochMs
  /** of which so many bars are of this session. */
  readonly barsTakenIn: number
  readonly onAlarm: Alarm
}

export class TradingDesk {
  readonly #parts: DeskParts
  readonly #prices = new Map<Symbol_, number>()
  /** Pair orders that have not ended, by the decision that they carry out. */
  readonly #sagas = new Map<string, Saga>()
  #portfolio: Portfolio
  #takenIn: EpochMs
  #barsTakenIn: number
  #savedPairs: Portfolio['pairs'] | undefined

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#takenIn = parts.takenIn
    this.#barsTakenIn = parts.barsTakenIn
    for (const saga of parts.sagas) this.#keep(saga)
    for (const symbol of parts.day.symbols) {
      const last = parts.window.lastBarOf(symbol)
      if (last !== undefined) this.#prices.set(symbol, last.close)
    }
    // Stored fills leave their own prices as marks; a desk that stayed open has the last bar's.
    this.#portfolio = markToMarket(parts.portfolio, parts.takenIn, this.#prices)
  }

  /** Everything until then has been taken in. */
  get takenIn(): EpochMs {
    return this.#takenIn
  }

  /** How many pair orders have not ended. */
  get underWay(): number {
    return this.#sagas.size
  }

  /** Waits for `at` and takes in all that happened until then. */
  async awaitTick(at: EpochMs): Promise<void> {
    while (this.#takenIn < at) {
      const until = epochMs(Math.min(at, this.#takenIn + this.#stride()))
      await this.#parts.venue.clock.sleepUntil(until)
      await this.#takeIn(until, at)
    }
  }

  /** Decides at `at`, once: signals, what risk says of them and the orders intended are stored together or not at all. */
  async decide(at: EpochMs): Promise<number> {
    const { sql, day } = this.#parts
    if ((await signalsBetween(sql, day.book, { from: at, until: at })).length > 0) return this.#sagas.size
    const signals = await inSlices(tickSignals(this.#parts, this.#portfolio, at))
    const actionable = signals.filter(isActionable)
    const decisions = actionable.length === 0 ? [] : assessInTurn(actionable, await this.#circumstances(day))
    const sagas = decisions.flatMap((decision) =>
      decision.kind === 'approved' ? [begin(decision.order, dayRunId('trading-session', day)).saga] : [],
    )
    await this.#store(at, { signals, decisions, sagas })
    for (const saga of sagas) {
      this.#keep(saga)
      for (const order of saga.orders) this.#portfolio = applyIntent(this.#portfolio, order)
    }
    return this.#sagas.size
  }

  /** Asks about every order that has not ended, and sends those that the broker has never had. */
  async execute(at: EpochMs): Promise<void> {
    for (const decisionId of this.#inTurn()) await this.#advance(decisionId, { kind: 'look', at })
    await this.#savePositions()
  }

  /** Ends the day: what came over the stream is written down; what is still held or still under way is told. */
  async settle(at: EpochMs): Promise<void> {
    const { sql, day } = this.#parts
    const done = this.#barsTakenIn
    await saveProgress(
      sql,
      dayRunId('trading-session', day),
      { done, total: undefined, unit: 'bars', sentence: `${day.day}: replayed` },
      day.book,
    )
    await this.tellUnclosed(at)
  }

  /** Tells, at the close, of every pair that is still held or still under way. */
  async tellUnclosed(at: EpochMs): Promise<void> {
    const { day, onAlarm } = this.#parts
    for (const { pair, state } of this.#portfolio.pairs) {
      if (state !== 'closed') await onAlarm(day, at, `${nameOf(pair)} is still ${state} at the close.`)
    }
  }

  /**
   * How far one sleep goes. While an order may fill it is a minute, so that what follows from a fill is sent at the minute
   * of that fill and not at the next tick; and on a clock with a pace of its own, so that the page lives.
   */
  #stride(): number {
    return this.#parts.day.speed === 'max' && this.#sagas.size === 0 ? Number.POSITIVE_INFINITY : MINUTE_MS
  }

  async #takeIn(until: EpochMs, tick: EpochMs): Promise<void> {
    const { day, sql, inbox, session, window } = this.#parts
    const points: EquityPoint[] = []
    for (const minute of inbox.drain(this.#takenIn, until)) {
      const { at, bars } = minute
      await this.#hear(minute, at === tick)
      this.#barsTakenIn += window.append(bars).added
      for (const { symbol, close } of bars) this.#prices.set(symbol, close)
      this.#portfolio = markToMarket(this.#portfolio, at, this.#prices)
      if (at > session.opensAt) points.push(equityPoint(this.#portfolio, at))
    }
    await saveEquity(sql, day.book, points)
    await this.#savePositions()
    await showBookAt(sql, day.book, until)
    this.#takenIn = until
  }

  /** Tells each pair order in its turn what the minute brought. At a tick, and while it has an order to send, it also looks around. */
  async #hear({ at, updates }: Minute, isTick: boolean): Promise<void> {
    for (const decisionId of this.#inTurn()) {
      for (const update of updates)
        if (this.#isAbout(update.clientOrderId, decisionId)) await this.#advance(decisionId, newsFromUpdate(update))
      const saga = this.#sagas.get(decisionId)
      if (saga === undefined) continue
      if (isTick) await this.#advance(decisionId, { kind: this.#isOverdue(saga, at) ? 'time-limit' : 'look', at })
      else if (saga.orders.some(({ state }) => state.kind === 'intended')) await this.#advance(decisionId, { kind: 'look', at })
    }
  }

  /** A change of a holding makes another list of them: while it is the one that was saved, there is nothing to write. */
  async #savePositions(): Promise<void> {
    const { pairs } = this.#portfolio
    if (pairs === this.#savedPairs) return
    await savePositions(this.#parts.sql, this.#parts.day.book, pairs)
    this.#savedPairs = pairs
  }

  #isAbout(clientOrderId: string, decisionId: string): boolean {
    return this.#sagas.get(decisionId)?.orders.some((order) => order.clientOrderId === clientOrderId) === true
  }

  /** The decisions whose orders have not ended, in their turn. */
  #inTurn(): string[] {
    return [...this.#sagas].sort(([, a], [, b]) => inTurn(a, b)).map(([decisionId]) => decisionId)
  }

  /** Hands an event to the pair order of this decision, if it has not ended. A cancel that it led to is asked about at once: what follows from it is sent in the same instant. */
  async #advance(decisionId: string, event: SagaEvent & { readonly at: EpochMs }): Promise<void> {
    const saga = this.#sagas.get(decisionId)
    if (saga === undefined) return
    const cancelling = await this.#carryOut(saga, event)
    const after = this.#sagas.get(decisionId)
    if (cancelling && after !== undefined) await this.#carryOut(after, { kind: 'look', at: event.at })
  }

  /** Whether a cancel is under way. */
  async #carryOut(saga: Saga, event: SagaEvent): Promise<boolean> {
    const progress = await advance(saga, event, this.#hands())
    for (const fill of progress.fills) this.#portfolio = applyFill(this.#portfolio, fill)
    this.#keep(progress.saga)
    const ending = endingOf(progress.saga)
    if (ending !== undefined) await this.#end(progress.saga, ending)
    return progress.saga.cancelling.length > 0
  }

  async #end({ orders }: Saga, ending: Ending): Promise<void> {
    const { day, onAlarm } = this.#parts
    const [order] = orders
    if (order === undefined) return
    this.#sagas.delete(order.decisionId)
    this.#portfolio = settlePair(this.#portfolio, order.pair)
    if (ending.kind !== 'exposed') return
    const { y, x } = ending.residual
    await onAlarm(
      day,
      order.at,
      `${nameOf(order.pair)} is left with ${y} ${order.pair.y} and ${x} ${order.pair.x} that no order undoes.`,
    )
  }

  #keep(saga: Saga): void {
    const [order] = saga.orders
    if (order !== undefined) this.#sagas.set(order.decisionId, saga)
  }

  #hands(): Hands {
    const { venue, day } = this.#parts
    return {
      broker: venue.broker,
      now: venue.clock.now,
      feesOf: (fill) => feesOf(fill, day.rules.exchange),
      record: (entry) => this.#record(entry),
    }
  }

  async #record(entry: JournalEntry): Promise<void> {
    await recordTrading(this.#parts.sql, this.#parts.day.book, entry)
    for (const intent of entry.intents) this.#portfolio = applyIntent(this.#portfolio, intent)
  }

  async #store(
    at: EpochMs,
    { signals, decisions, sagas }: { signals: readonly Signal[]; decisions: readonly RiskDecision[]; sagas: readonly Saga[] },
  ): Promise<void> {
    const { book } = this.#parts.day
    const intents = sagas.flatMap(({ orders }) => orders)
    await inTransaction(this.#parts.sql, async (sql) => {
      await saveSignals(sql, signals)
      await saveDecisions(sql, book, decisions)
      await recordTrading(sql, book, { at, intents, changed: [], fills: [] })
    })
  }

  async #circumstances({ rules, book }: DayParameters): Promise<Circumstances> {
    const { venue, session, assets } = this.#parts
    const account = await venue.broker.account()
    if (!account.ok)
      throw new Fault(
        'BROKER_UNAVAILABLE',
        `The broker does not tell the account of ${book} (${account.why.kind}); nothing is decided without it.`,
      )
    const orders = [...this.#sagas.values()].sort(inTurn).flatMap((saga) => saga.orders)
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
