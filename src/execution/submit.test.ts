import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { type Book, rehearsalBook } from '#domain/book.ts'
import type { Broker, BrokerOrder } from '#domain/broker.ts'
import { sessionOn } from '#domain/calendar.ts'
import { microUsd } from '#domain/money.ts'
import { isFinal } from '#domain/order.ts'
import { ok, refuse } from '#domain/outcome.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, type Probability } from '#domain/units.ts'
import { signedShares, sumOf } from '#portfolio/lot.ts'
import { emptyPortfolio, sharesOf } from '#portfolio/portfolio.ts'
import { savePositions } from '#portfolio/positions.store.ts'
import { rebuild } from '#portfolio/rebuild.ts'
import { type Approval, assess } from '#risk/assess.ts'
import { decisionsBetween, saveDecisions } from '#risk/decisions.store.ts'
import { type ActionableSignal, signalIdOf } from '#signals/signal.ts'
import { latestSignals, saveSignals, signalsBetween } from '#signals/signals.store.ts'
import { freshDatabase } from '../../test/database.ts'
import { newsFromUpdate } from './order-events.ts'
import { fillsOf, ordersOf, recordTrading, unfinishedOrders } from './orders.store.ts'
import { endingOf, restore, type Saga, type SagaEvent } from './saga.ts'
import { advance, type Hands, start } from './submit.ts'

const SESSION = sessionOn('2018-03-28' as SessionDate)
const at = epochMs((SESSION?.opensAt ?? 0) + 3_600_000)
const pair = { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ }
const CASH = microUsd(100_000)
let database: Database

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())

/** A book with one stored signal and its approval: 41 XOM long, 14 CVX short. */
async function approvalIn(id: string): Promise<{ book: Book; signal: ActionableSignal; approval: Approval }> {
  const book = rehearsalBook(id)
  const { pool } = database
  await pool.query(`insert into spreadworks.books (book, kind, parameters, state) values ($1, 'rehearsal', '{}', 'open')`, [book])
  const signal: ActionableSignal = {
    id: signalIdOf(book, at, pair),
    book,
    at,
    pair,
    kind: 'enter-long',
    confidence: 0.5 as Probability,
    z: -2.25,
    probability: undefined,
    reasons: ['Spread is 2.25 standard deviations below its mean'],
    numbers: { hedgeRatio: 0.5, z: -2.25 },
    modelId: undefined,
    strategy: 'z-score@1',
  }
  const decision = assess(signal, {
    portfolio: emptyPortfolio(CASH),
    limits: { positionFraction: 0.1, maximumGross: 1, maximumPairs: 9, maximumDailyLoss: 0.1, noEntryBeforeCloseMinutes: 30 },
    session: SESSION,
    prices: new Map([
      [pair.y, 80],
      [pair.x, 115],
    ]),
    account: { buyingPower: microUsd(200_000), isShortingEnabled: true, isBlocked: false },
    assets: new Map([pair.y, pair.x].map((symbol) => [symbol, { isTradable: true, isShortable: true }])),
    pendingOrders: [],
  })
  if (decision.kind === 'refused') throw new Error(decision.sentence)
  await saveSignals(pool, [signal])
  await saveDecisions(pool, book, [decision])
  return { book, signal, approval: decision }
}

type Faults = {
  readonly blindQuestions?: number
  readonly refused?: readonly string[]
  readonly lost?: readonly string[]
  readonly onSubmit?: () => Promise<void>
}

/** A broker that keeps what it accepts until `trade` fills it. `lost`: it accepts and does not answer, once. */
function brokerWith(faults: Faults = {}) {
  const orders = new Map<string, BrokerOrder>()
  const submitted: string[] = []
  const lost = new Set<string>(faults.lost)
  let blindQuestions = faults.blindQuestions ?? 0
  const broker: Broker = {
    account: () => Promise.reject(new Error('not asked here')),
    positions: () => Promise.reject(new Error('not asked here')),
    assets: () => Promise.reject(new Error('not asked here')),
    tradeUpdates: () => Promise.reject(new Error('not asked here')),
    openOrders: async () => ok([...orders.values()].filter(({ status }) => status === 'working')),
    submit: async (order) => {
      await faults.onSubmit?.()
      if (faults.refused?.includes(order.symbol))
        return refuse({ kind: 'refused', code: '40310000', reason: 'asset cannot be sold short' })
      if (orders.has(order.clientOrderId))
        return refuse({ kind: 'refused', code: '42210000', reason: 'client_order_id must be unique' })
      submitted.push(order.clientOrderId)
      const { clientOrderId, symbol, side, quantityShares } = order
      const shared = {
        clientOrderId,
        symbol,
        side,
        quantityShares,
        brokerOrderId: `b-${submitted.length}`,
        submittedAt: at,
        updatedAt: at,
      }
      orders.set(clientOrderId, { ...shared, filledShares: 0, averagePrice: undefined, status: 'working' })
      return lost.delete(symbol)
        ? refuse({ kind: 'answer-lost', cause: 'the socket closed' })
        : ok(orders.get(clientOrderId) ?? never())
    },
    orderByClientId: async (id) => ok(blindQuestions-- > 0 ? undefined : orders.get(id)),
    cancel: async (id) => {
      const order = [...orders.values()].find(({ brokerOrderId }) => brokerOrderId === id)
      if (order?.status !== 'working') return ok('already-final')
      orders.set(order.clientOrderId, { ...order, status: 'cancelled' })
      return ok('cancelling')
    },
  }
  const trade = (id: string): SagaEvent => {
    const order = orders.get(id) ?? never()
    const price = order.symbol === pair.y ? 80.02 : 114.98
    orders.set(id, { ...order, filledShares: order.quantityShares, averagePrice: price, status: 'filled' })
    const { clientOrderId, brokerOrderId, symbol, side, quantityShares } = order
    const shared = { clientOrderId, brokerOrderId, symbol, side, quantityShares, price, at: epochMs(at + 60_000) }
    const totals = { cumulativeShares: quantityShares, averagePrice: price, isComplete: true }
    return newsFromUpdate({ ...shared, ...totals, kind: 'fill', executionId: `x-${clientOrderId}` })
  }
  const held = () => {
    const shares: Record<string, number> = {}
    for (const { symbol, side, filledShares } of orders.values()) {
      shares[symbol] = (shares[symbol] ?? 0) + signedShares(side, filledShares)
    }
    return shares
  }
  return { broker, orders, submitted, trade, held }
}

function never(): never {
  throw new Error('no such order')
}

function handsOf(book: Book, broker: Broker): Hands {
  return {
    broker,
    record: (entry) => recordTrading(database.pool, book, entry),
    feesOf: () => microUsd(0.01),
    now: async () => at,
  }
}

async function portfolioOf(book: Book) {
  return rebuild({ cash: CASH, orders: await ordersOf(database.pool, book), fills: await fillsOf(database.pool, book) })
}

describe('an approved pair order', () => {
  test('is written down before anything is sent, and filled on both legs', async () => {
    const { book, approval } = await approvalIn('plain')
    const seen: string[][] = []
    const onSubmit = async () => void seen.push((await ordersOf(database.pool, book)).map(({ state }) => state.kind))
    const { broker, trade } = brokerWith({ onSubmit })
    const hands = handsOf(book, broker)
    let { saga } = await start(approval.order, 'flow', hands)
    expect(seen[0]).toEqual(['intended', 'intended'])
    for (const { clientOrderId } of saga.orders) saga = (await advance(saga, trade(clientOrderId), hands)).saga
    expect(endingOf(saga)).toEqual({ kind: 'complete' })
    expect(await ordersOf(database.pool, book)).toEqual(
      [...saga.orders].sort((a, b) => (a.clientOrderId < b.clientOrderId ? -1 : 1)),
    )
    const portfolio = await portfolioOf(book)
    expect(portfolio.pairs).toMatchObject([
      { state: 'open', entryZ: -2.25, y: { lot: { shares: 41 } }, x: { lot: { shares: -14 } } },
    ])
    expect(portfolio.cash).toBe(sumOf(CASH, -microUsd(41 * 80.02), microUsd(14 * 114.98), -microUsd(0.02)))
  })

  test('whose second leg is refused is unwound', async () => {
    const { book, approval } = await approvalIn('orphan')
    const { broker, trade } = brokerWith({ refused: [pair.x] })
    const hands = handsOf(book, broker)
    let { saga } = await start(approval.order, 'flow', hands)
    const [first] = saga.orders
    saga = (await advance(saga, trade(first.clientOrderId), hands)).saga
    saga = (await advance(saga, trade(saga.orders.at(-1)?.clientOrderId ?? ''), hands)).saga
    expect(endingOf(saga)).toEqual({ kind: 'unwound' })
    expect((await portfolioOf(book)).pairs).toMatchObject([{ state: 'closed', realised: -microUsd(0.02) }])
    expect((await ordersOf(database.pool, book)).find(({ leg }) => leg === 'x')?.state).toMatchObject({
      reason: 'asset cannot be sold short',
    })
  })

  test('whose answer was lost is found again by asking, and ordered once', async () => {
    const { book, approval } = await approvalIn('lost')
    const { broker, submitted } = brokerWith({ lost: [pair.y] })
    const { saga } = await start(approval.order, 'flow', handsOf(book, broker))
    expect(saga.orders.map(({ state }) => state.kind)).toEqual(['working', 'working'])
    expect(submitted.length).toBe(2)
  })

  test('that reached the broker late is not taken for refused when it is sent again', async () => {
    const { book, approval } = await approvalIn('in-flight')
    const { broker, submitted } = brokerWith({ lost: [pair.y], blindQuestions: 2 })
    const hands = handsOf(book, broker)
    const begun = await start(approval.order, 'flow', hands)
    expect(begun.saga.orders.map(({ state }) => state.kind)).toEqual(['intended', 'working'])
    const { saga } = await advance(begun.saga, { kind: 'look', at }, hands)
    expect(saga.orders.map(({ state }) => state.kind)).toEqual(['working', 'working'])
    expect(submitted.length).toBe(2)
  })

  test('a fill whose update was lost is learned by asking, and its late update changes nothing', async () => {
    const { book, approval } = await approvalIn('late')
    const { broker, trade } = brokerWith()
    const hands = handsOf(book, broker)
    const begun = await start(approval.order, 'flow', hands)
    const updates = begun.saga.orders.map(({ clientOrderId }) => trade(clientOrderId))
    const looked = await advance(begun.saga, { kind: 'look', at }, hands)
    expect(endingOf(looked.saga)).toEqual({ kind: 'complete' })
    let { saga } = looked
    for (const update of updates) saga = (await advance(saga, update, hands)).saga
    const fills = await fillsOf(database.pool, book)
    expect(fills.map(({ quantityShares, price }) => [quantityShares, price])).toEqual(
      expect.arrayContaining([
        [41, 80.02],
        [14, 114.98],
      ]),
    )
    expect(fills.length).toBe(2)
  })
})

describe('a run that is killed at any instant', () => {
  /** Hands that stop working at their `last`-th use, before or after what they were asked to do. */
  function killedAt(hands: Hands, last: number): Hands {
    let uses = 0
    const mortal = async <T>(work: () => Promise<T>): Promise<T> => {
      uses++
      if (uses * 2 - 1 === last) throw new Error('killed')
      const result = await work()
      if (uses * 2 === last) throw new Error('killed')
      return result
    }
    const { broker, record } = hands
    return {
      ...hands,
      record: (entry) => mortal(() => record(entry)),
      broker: { ...broker, submit: (order) => mortal(() => broker.submit(order)) },
    }
  }

  async function restart(book: Book, hands: Hands): Promise<Saga | undefined> {
    const orders = await unfinishedOrders(database.pool, book)
    return orders.length === 0 ? undefined : (await advance(restore(orders), { kind: 'look', at }, hands)).saga
  }

  test('goes on with one order a leg, and a second restart writes nothing', async () => {
    for (let last = 1; last <= 14; last++) {
      const { book, approval } = await approvalIn(`killed-${last}`)
      const { broker, orders, submitted, trade, held } = brokerWith()
      const hands = handsOf(book, broker)
      await start(approval.order, 'flow', killedAt(hands, last)).catch((failure: Error) => expect(failure.message).toBe('killed'))
      // Killed before the intents were written, nothing has left: the step that had approved it begins again.
      let saga = (await restart(book, hands)) ?? (await start(approval.order, 'flow', hands)).saga
      expect(new Set(submitted).size).toBe(2)
      expect(submitted.length).toBe(2)
      const written: unknown[] = []
      await restart(book, { ...hands, record: async (entry) => void written.push(entry) })
      expect(written).toEqual([])
      for (const id of orders.keys()) saga = (await advance(saga, trade(id), hands)).saga
      expect(endingOf(saga)).toEqual({ kind: 'complete' })
      const portfolio = await portfolioOf(book)
      expect({ XOM: sharesOf(portfolio, pair.y), CVX: sharesOf(portfolio, pair.x) }).toEqual(held())
      expect(await unfinishedOrders(database.pool, book)).toEqual([])
    }
  })
})

describe('what is stored', () => {
  test('is the same after it was written again', async () => {
    const { book, signal, approval } = await approvalIn('twice')
    const { pool } = database
    expect(await saveSignals(pool, [signal])).toBe(0)
    expect(await saveDecisions(pool, book, [approval])).toBe(0)
    expect(await latestSignals(pool, book)).toEqual([signal])
    expect(await signalsBetween(pool, book, { from: at, until: at })).toEqual([signal])
    const [decision] = await decisionsBetween(pool, book, { from: at, until: at })
    expect(decision).toMatchObject({
      at,
      pair: 'XOM-CVX',
      verdict: 'approved',
      code: undefined,
      detail: { y: 'XOM', x: 'CVX', purpose: 'enter' },
    })
  })

  test('an order that is over stays as it is when an older state arrives late', async () => {
    const { book, approval } = await approvalIn('older')
    const { broker, trade } = brokerWith()
    const hands = handsOf(book, broker)
    const begun = await start(approval.order, 'flow', hands)
    const [order] = begun.saga.orders
    await advance(begun.saga, trade(order.clientOrderId), hands)
    await hands.record({ at, intents: [], changed: begun.saga.orders, fills: [] })
    const [after] = (await ordersOf(database.pool, book)).filter(({ clientOrderId }) => clientOrderId === order.clientOrderId)
    expect(isFinal(after.state)).toBe(true)
  })

  test('positions follow the portfolio: written, changed and removed', async () => {
    const { book, approval } = await approvalIn('positions')
    const { broker, trade } = brokerWith()
    const hands = handsOf(book, broker)
    const begun = await start(approval.order, 'flow', hands)
    const stored = async () =>
      (await database.pool.query('select pair, state, y_shares, y_price from spreadworks.positions where book = $1', [book])).rows
    await savePositions(database.pool, book, (await portfolioOf(book)).pairs)
    expect(await stored()).toEqual([{ pair: 'XOM-CVX', state: 'opening', y_shares: 0, y_price: null }])
    await advance(begun.saga, trade(begun.saga.orders[0].clientOrderId), hands)
    await savePositions(database.pool, book, (await portfolioOf(book)).pairs)
    expect(await stored()).toEqual([{ pair: 'XOM-CVX', state: 'opening', y_shares: 41, y_price: expect.closeTo(80.02, 9) }])
    await savePositions(database.pool, book, [])
    expect(await stored()).toEqual([])
  })
})
