import { describe, expect, test } from 'vitest'
import { microUsd } from '#domain/money.ts'
import type { Side } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import {
  afterBar,
  bar,
  close,
  holding,
  limit,
  MODEL,
  minute,
  offered,
  order,
  placed,
  START,
  terms,
} from '../../test/calm-market.ts'
import { type Account, openAccount } from './account.ts'
import type { AcceptanceTerms } from './affordable.ts'
import { dayTradeCount } from './day-trades.ts'
import { buyingPower } from './margin.ts'
import { cancel } from './match.ts'
import { NO_CHOICES } from './trading-rules.ts'

const powerOf = (account: Account, more: Partial<AcceptanceTerms> = {}) => buyingPower(account, terms(more))
const borrowed = (more: object) => ({ borrow: { ...terms().borrow, ...more } })
const choosing = (more: object) => ({ choices: { ...NO_CHOICES, ...more } })
const FOURFOLD = { model: { ...MODEL, marginMultiplier: 4 } }

describe('buying power', () => {
  test('is twice the equity, an order at the market counting 3 % more', () => {
    expect(offered(openAccount(START), order('buy', 1_941)).ok).toBe(true)
    expect(offered(openAccount(START), order('buy', 1_942))).toMatchObject({
      why: { kind: 'insufficient-buying-power', needed: 200_026, available: 200_000 },
    })
  })

  test('is taken by working orders until they are cancelled', () => {
    const busy = placed(openAccount(START), limit('buy', 1_000, 150))
    expect(powerOf(busy).available).toBe(50_000)
    const freed = cancel(busy, 'buy-1000', minute(1))
    expect(freed && powerOf(freed.account).available).toBe(200_000)
    expect(cancel(busy, 'other', minute(1))).toBeUndefined()
  })

  test('is fourfold within a day and twofold overnight for an account that may day trade', () => {
    expect(powerOf(openAccount(START), FOURFOLD)).toEqual({ available: 400_000, regulationT: 200_000, dayTrading: 400_000 })
    expect(offered(openAccount(START), limit('buy', 3_900, 100), FOURFOLD).ok).toBe(true)
    const extended = limit('buy', 3_900, 100, { isExtendedHours: true })
    expect(offered(openAccount(START), extended, FOURFOLD)).toMatchObject({ why: { available: 200_000 } })
    // 1,000 shares at 100 held overnight keep 30 % of their value as maintenance.
    expect(powerOf(close(holding(1_000)).account, FOURFOLD).dayTrading).toBeCloseTo(4 * (99_985 - 30_000), 6)
  })

  test('shrinks with the equity at the last close: twofold below the minimum of day traders, onefold below that of margin', () => {
    expect(powerOf(openAccount(microUsd(24_999)), FOURFOLD).available).toBe(49_998)
    expect(powerOf(openAccount(microUsd(1_999)), FOURFOLD).available).toBe(1_999)
    expect(powerOf(openAccount(START), { ...FOURFOLD, ...choosing({ maxMultiplier: 1 }) }).available).toBe(100_000)
  })
})

describe('short sales', () => {
  test('of what may not be shorted, and only those, are refused', () => {
    const why = { why: { kind: 'not-shortable' } }
    expect(offered(openAccount(START), order('sell', 1), borrowed({ isShortable: false }))).toMatchObject(why)
    expect(offered(openAccount(START), order('sell', 1), borrowed({ isEasy: false }))).toMatchObject(why)
    expect(offered(holding(5), order('sell', 5), { at: minute(1), ...borrowed({ isShortable: false }) }).ok).toBe(true)
  })

  test('are refused to an account that chose so or borrows nothing', () => {
    const why = { why: { kind: 'shorting-refused' } }
    expect(offered(openAccount(START), order('sell', 1), choosing({ isShortingRefused: true }))).toMatchObject(why)
    expect(offered(openAccount(START), order('sell', 1), choosing({ maxMultiplier: 1 }))).toMatchObject(why)
  })

  test('end where the lender has no more, what is short and what is ordered counted', () => {
    const lent = borrowed({ availableShares: 10 })
    const account = placed(holding(-4), order('sell', 3), { at: minute(1), ...lent })
    expect(offered(account, order('sell', 4, { clientOrderId: 'more' }), lent)).toMatchObject({
      why: { kind: 'borrow-exhausted', available: 3 },
    })
    expect(offered(account, order('sell', 3, { clientOrderId: 'more' }), lent).ok).toBe(true)
  })
})

describe('an order is refused', () => {
  test('over more than is held and free', () => {
    const account = placed(holding(10), order('sell', 4), { at: minute(1) })
    expect(offered(account, order('sell', 7))).toMatchObject({
      why: { kind: 'insufficient-shares', requested: 7, existing: 10, held: 4, available: 6, heldBy: ['sell-4'] },
    })
    expect(offered(holding(-10), order('buy', 11))).toMatchObject({ why: { kind: 'insufficient-shares', available: 10 } })
  })

  test('that could trade with one of our own', () => {
    const account = placed(holding(10), limit('buy', 5, 95), { at: minute(1) })
    expect(offered(account, order('sell', 5))).toMatchObject({ why: { kind: 'opposite-order', clientOrderId: 'buy-5' } })
    expect(offered(account, limit('sell', 5, 95))).toMatchObject({ why: { kind: 'opposite-order' } })
    expect(offered(account, limit('sell', 5, 95.01)).ok).toBe(true)
  })

  test('over nothing, without a price, twice, or when its owner wants none', () => {
    expect(offered(openAccount(START), order('buy', 0))).toMatchObject({ why: { kind: 'not-positive' } })
    expect(offered(openAccount(START), order('buy', 1), { priceOf: () => undefined })).toMatchObject({
      why: { kind: 'no-price' },
    })
    const twice = placed(openAccount(START), order('buy', 1))
    expect(offered(twice, order('buy', 1))).toMatchObject({ why: { kind: 'client-id-in-use' } })
    expect(offered(openAccount(START), order('buy', 1), choosing({ isTradingSuspended: true }))).toMatchObject({
      why: { kind: 'trading-suspended' },
    })
    expect(offered(openAccount(START), order('buy', 0.5), choosing({ isFractionalAllowed: false }))).toMatchObject({
      why: { kind: 'fractional-refused' },
    })
  })
})

describe('day trades', () => {
  const symbols = ['A', 'B', 'C', 'D'] as Symbol_[]
  const done = (account: Account, symbol: Symbol_, side: Side, n: number) => {
    const asked = order(side, 1, { symbol, clientOrderId: `${symbol}-${side}-${n}` })
    return afterBar(placed(account, asked, { at: minute(n) }), bar(n, { symbol })).account
  }
  const poor = openAccount(microUsd(20_000))
  /** `count` positions opened and closed again on one day. */
  const traded = (count: number, start = poor) =>
    symbols.slice(0, count).reduce((account, symbol) => done(done(account, symbol, 'buy', 0), symbol, 'sell', 1), start)

  test('are counted once for each time that a position was opened and closed again on one day', () => {
    expect(dayTradeCount(traded(2).dayTrades)).toBe(2)
    const twice = done(done(traded(1), symbols[0], 'buy', 2), symbols[0], 'sell', 3)
    expect(dayTradeCount(twice.dayTrades)).toBe(2)
    const [first] = symbols
    const held = done(done(poor, first, 'buy', 0), first, 'buy', 1)
    expect(dayTradeCount(done(done(held, first, 'sell', 2), first, 'sell', 3).dayTrades)).toBe(1)
    const overnight = done(close(done(poor, symbols[0], 'buy', 0)).account, symbols[0], 'sell', 1)
    expect(dayTradeCount(overnight.dayTrades)).toBe(0)
  })

  test('below the minimum end with the third in five sessions, and begin again when those are past', () => {
    let account = traded(3)
    const entry = order('buy', 1, { symbol: symbols[3] })
    expect(offered(account, entry)).toMatchObject({ why: { kind: 'day-trading', dayTrades: 3 } })
    for (let day = 0; day < 4; day++) account = close(account).account
    expect(offered(account, entry)).toMatchObject({ why: { kind: 'day-trading' } })
    expect(offered(close(account).account, entry).ok).toBe(true)
  })

  test('are never refused above the minimum, or where the rule is off', () => {
    const entry = order('buy', 1, { symbol: symbols[3] })
    expect(offered(traded(3, openAccount(START)), entry).ok).toBe(true)
    expect(offered(traded(3), entry, { rules: { dayTradingMinimumUsd: 0, marginMinimumUsd: 0 } }).ok).toBe(true)
  })

  test('are refused at the exit instead when the owner chose so', () => {
    const atExit = choosing({ dayTradesCheckedAt: 'exit' })
    const account = placed(traded(3), order('buy', 1, { symbol: symbols[3], clientOrderId: 'in' }), atExit)
    const held = afterBar(account, bar(1, { symbol: symbols[3] })).account
    const leave = order('sell', 1, { symbol: symbols[3], clientOrderId: 'out' })
    expect(offered(held, leave, { at: minute(2), ...atExit })).toMatchObject({ why: { kind: 'day-trading' } })
    expect(offered(close(held).account, leave, { at: minute(2), ...atExit }).ok).toBe(true)
  })
})
