import { describe, expect, test } from 'vitest'
import { type MicroUsd, microUsd } from '#domain/money.ts'
import type { OrderRequest } from '#domain/order.ts'
import { epochMs } from '#domain/units.ts'
import {
  afterBar,
  bar,
  close,
  fillOf,
  holding,
  KO,
  limit,
  MODEL,
  minute,
  offered,
  order,
  placed,
  START,
  storyOf,
  terms,
} from '../../test/calm-market.ts'
import { NO_MONEY, openAccount, workingIn } from './account.ts'
import { secFee, tradeValue, tradingActivityFee } from './fill-model.ts'
import { instructionFrom } from './instruction.ts'
import { buyingPower } from './margin.ts'
import { cancel } from './match.ts'
import { tradePosition } from './position.ts'
import { nanoShares } from './shares.ts'

const powerOf = (account: ReturnType<typeof openAccount>) => buyingPower(account, terms()).available

test("the product's order is an instruction over whole shares in regular hours", () => {
  const request: OrderRequest = {
    clientOrderId: 'a',
    symbol: KO,
    side: 'buy',
    quantityShares: 10,
    timeInForce: 'day',
    type: 'market',
  }
  expect(instructionFrom(request)).toEqual(order('buy', 10, { clientOrderId: 'a' }))
  expect(instructionFrom({ ...request, type: 'limit', limitPrice: 9.5 })).toEqual(limit('buy', 10, 9.5, { clientOrderId: 'a' }))
})

describe('prices', () => {
  test('a market order pays half the spread and slippage on the next opening, a sale gets as much less', () => {
    expect(fillOf(afterBar(placed(openAccount(START), order('buy', 10)), bar(0)).events)?.price).toBe(100.015)
    expect(fillOf(afterBar(placed(openAccount(START), order('sell', 10)), bar(0)).events)?.price).toBe(99.985)
  })

  test('a limit that the opening satisfies gets the opening price with its costs', () => {
    expect(fillOf(afterBar(placed(openAccount(START), limit('buy', 10, 100.5)), bar(0)).events)?.price).toBe(100.015)
  })

  test('a resting limit executes at its limit when the bar trades through it, and not when the bar only touches it', () => {
    const resting = placed(openAccount(START), limit('buy', 10, 99))
    expect(afterBar(resting, bar(0, { low: 99 })).events).toEqual([])
    expect(fillOf(afterBar(resting, bar(0, { low: 98.99 })).events)?.price).toBe(99)
  })

  test('an immediate limit order that the opening does not satisfy is cancelled, whatever the bar does later', () => {
    const ioc = placed(openAccount(START), limit('buy', 10, 99.5, { timeInForce: 'ioc' }))
    const { account, events } = afterBar(ioc, bar(0, { low: 90 }))
    expect(events.map((e) => e.kind)).toEqual(['cancelled'])
    expect(account.working.size).toBe(0)
  })
})

describe('volume', () => {
  test('one bar gives a tenth of its volume, and the rest goes on', () => {
    const first = afterBar(placed(openAccount(START), order('buy', 150)), bar(0, { volumeShares: 1_000 }))
    expect(fillOf(first.events)).toMatchObject({ quantity: nanoShares(100), isComplete: false, position: nanoShares(100) })
    const second = afterBar(first.account, bar(1, { volumeShares: 1_000 }))
    expect(fillOf(second.events)).toMatchObject({ quantity: nanoShares(50), isComplete: true, position: nanoShares(150) })
    expect(second.account.working.size).toBe(0)
  })

  test('a thin bar gives one share, an empty one none', () => {
    const account = placed(openAccount(START), order('buy', 10))
    expect(fillOf(afterBar(account, bar(0, { volumeShares: 3 })).events)?.quantity).toBe(nanoShares(1))
    expect(afterBar(account, bar(0, { volumeShares: 0 })).events).toEqual([])
  })

  test('an order that is to be filled whole or not at all is cancelled by a bar that cannot give it all', () => {
    const whole = placed(openAccount(START), order('buy', 150, { timeInForce: 'fok' }))
    expect(storyOf(afterBar(whole, bar(0, { volumeShares: 1_000 })).events)).toEqual(['cancelled buy-150'])
    expect(storyOf(afterBar(whole, bar(0, { volumeShares: 1_500 })).events)).toEqual(['fill buy-150'])
  })
})

describe('time', () => {
  test('a bar that opened before the order was accepted is never looked at', () => {
    const account = placed(openAccount(START), order('buy', 10), { at: epochMs(minute(5) + 1) })
    expect(afterBar(account, bar(5)).events).toEqual([])
    expect(afterBar(account, bar(6)).events).toHaveLength(1)
  })

  test('a day order expires at the close with what it has, a lasting one does not', () => {
    const day = placed(openAccount(START), order('buy', 10))
    const lasting = placed(day, limit('buy', 5, 50, { timeInForce: 'gtc' }), { expiresAt: undefined })
    const { account, events } = close(lasting)
    expect(storyOf(events)).toEqual(['expired buy-10'])
    expect(workingIn(account, KO)).toHaveLength(1)
  })

  test('nothing executes in a halt; an immediate order ends, the others go on behind it, and any may be cancelled', () => {
    const account = placed(placed(openAccount(START), order('buy', 10)), order('buy', 5, { timeInForce: 'ioc' }))
    const halted = afterBar(account, bar(0), { isHalted: true })
    expect(storyOf(halted.events)).toEqual(['cancelled buy-5'])
    expect(storyOf(afterBar(halted.account, bar(1)).events)).toEqual(['fill buy-10'])
    expect(cancel(halted.account, 'buy-10', minute(1))?.account.working.size).toBe(0)
  })

  test('outside the session only an order for extended hours executes', () => {
    const early = placed(placed(openAccount(START), limit('buy', 10, 101)), limit('buy', 5, 101, { isExtendedHours: true }))
    expect(storyOf(afterBar(early, bar(0), { moment: 'extended' }).events)).toEqual(['fill buy-5'])
  })
})

describe('auctions', () => {
  const opening = (n: number, prices = {}) => [bar(n, prices), { moment: 'opening' as const }] as const

  test('an opening order trades at the first price of the day without a spread, or expires', () => {
    const opg = placed(openAccount(START), order('buy', 10, { timeInForce: 'opg' }))
    expect(fillOf(afterBar(opg, ...opening(0)).events)?.price).toBe(100.005)
    expect(storyOf(afterBar(opg, bar(1)).events)).toEqual(['expired buy-10'])
  })

  test('the part of an opening order that the auction does not give expires with it', () => {
    const opg = placed(openAccount(START), order('buy', 150, { timeInForce: 'opg' }))
    expect(storyOf(afterBar(opg, ...opening(0, { volumeShares: 1_000 })).events)).toEqual(['fill buy-150', 'expired buy-150'])
  })

  test('a closing order waits for the last minute and trades at its close, within its limit', () => {
    const cls = placed(openAccount(START), limit('buy', 10, 100, { timeInForce: 'cls' }))
    expect(afterBar(cls, bar(0, { open: 90 })).events).toEqual([])
    expect(fillOf(afterBar(cls, bar(1, { close: 99 }), { moment: 'closing' }).events)?.price).toBe(99.005)
    expect(fillOf(afterBar(cls, bar(1, { close: 100 }), { moment: 'closing' }).events)?.price).toBe(100)
    expect(storyOf(afterBar(cls, bar(1, { close: 100.5 }), { moment: 'closing' }).events)).toEqual(['expired buy-10'])
  })
})

describe('fees', () => {
  test('the SEC takes its rate of the proceeds, FINRA of the shares up to its maximum', () => {
    expect(secFee(microUsd(1_000_000), MODEL)).toBe(microUsd(27.8))
    expect(tradingActivityFee(1_000, MODEL)).toBe(166_000n)
    expect(tradingActivityFee(100_000, MODEL)).toBe(microUsd(8.3))
  })

  test('a buy owes nothing; the sums of a day are paid at the close, each rounded up to the cent, and told', () => {
    expect(holding(10).accruedFees).toEqual({ sec: NO_MONEY, taf: NO_MONEY })
    const sold = afterBar(placed(holding(10), order('sell', 10), { at: minute(1) }), bar(1)).account
    // 999.85 × 27.80 / 1e6 = 0.02779583, and 10 × 0.000166.
    expect(sold.accruedFees).toEqual({ sec: 27_796n, taf: 1_660n })
    const closed = close(sold)
    expect(closed.account.feesPaid).toBe(microUsd(0.04))
    expect(sold.cash - closed.account.cash).toBe(microUsd(0.04))
    expect(closed.charges).toEqual([
      { kind: 'sec', at: minute(390), amount: microUsd(0.03) },
      { kind: 'taf', at: minute(390), amount: microUsd(0.01) },
    ])
  })

  test('a short position pays borrow for every night it is held', () => {
    expect(close(holding(-100), 3).account.borrowPaid).toBe(microUsd(0.25))
    expect(close(holding(100)).account.borrowPaid).toBe(NO_MONEY)
  })
})

test('closing half of a position at a profit leaves half of its cost; going through zero opens anew at the new price', () => {
  const sold = afterBar(placed(holding(10), order('sell', 5), { at: minute(1) }), bar(1, { open: 110 })).account
  expect(sold.positions.get(KO)).toEqual({ quantity: nanoShares(5), cost: microUsd(500.075) })
  expect(sold.realised).toBe(tradeValue(109.9835, 5) - microUsd(500.075))
  const long = { quantity: nanoShares(10), cost: microUsd(1_000) }
  const through = tradePosition(long, nanoShares(-15), microUsd(-1_650))
  expect(through).toEqual({ position: { quantity: nanoShares(-5), cost: microUsd(-550) }, realised: microUsd(100) })
})

describe('parts of shares', () => {
  const worth = (side: 'buy' | 'sell', dollars: number) =>
    order(side, 1, { clientOrderId: `worth-${dollars}`, size: { kind: 'value', value: microUsd(dollars) } })

  test('an order for an amount of money gets what the price gives for it, and never pays a micro-dollar more', () => {
    const { account, events } = afterBar(placed(openAccount(START), worth('buy', 50)), bar(0))
    // 50 / 100.015
    expect(fillOf(events)).toMatchObject({ quantity: 499_925_011n, isComplete: true })
    expect(START - account.cash).toBeLessThanOrEqual(microUsd(50))
    expect(START - account.cash).toBeGreaterThan(microUsd(49.999_99))
  })

  test('a sale for an amount of money never sells more than is there', () => {
    const held = placed(holding(1), worth('sell', 99), { at: minute(1) })
    const { account } = afterBar(held, bar(1, { open: 50 }))
    expect(account.positions.size).toBe(0)
    expect(account.working.size).toBe(0)
  })

  test('a fraction is bought and sold like any number of shares, but not sold short', () => {
    const bought = afterBar(placed(openAccount(START), order('buy', 0.1)), bar(0)).account
    const twice = afterBar(placed(bought, order('buy', 0.2), { at: minute(1) }), bar(1)).account
    expect(twice.positions.get(KO)?.quantity).toBe(300_000_000n)
    const sold = afterBar(placed(twice, order('sell', 0.3), { at: minute(2) }), bar(2)).account
    expect(sold.positions.size).toBe(0)
    expect(sold.cash as MicroUsd).toBe((sold.startingCash + sold.realised) as MicroUsd)
    expect(offered(openAccount(START), order('sell', 0.5))).toMatchObject({ why: { kind: 'fractional-short' } })
    expect(offered(openAccount(START), worth('sell', 50))).toMatchObject({ why: { kind: 'fractional-short' } })
  })

  test('what is set aside for an order by money is the money', () => {
    expect(powerOf(placed(openAccount(START), worth('buy', 500)))).toBe(199_500)
  })
})
