import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bar } from '#domain/bars.ts'
import { type MicroUsd, microUsd } from '#domain/money.ts'
import type { OrderRequest } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { accept, cancel } from './accept.ts'
import { type Account, buyingPower, NO_MONEY, openAccount, sharesHeld, tradePosition } from './account.ts'
import { type FillModel, secFee, tradeValue, tradingActivityFee } from './fill-model.ts'
import { type OrderMatched, onBar, onClose } from './match.ts'

const MODEL: FillModel = {
  halfSpreadBps: 1,
  slippageBps: 0.5,
  participation: 0.1,
  secFeePerMillion: 27.8,
  tafPerShare: 0.000166,
  tafMaximum: 8.3,
  borrowRate: 0.003,
  marginMultiplier: 2,
}
const KO = 'KO' as Symbol_
const OPEN = 1_522_243_800_000
const START = microUsd(100_000)

const minute = (n: number): EpochMs => epochMs(OPEN + n * MINUTE_MS)
const bar = (n: number, prices: Partial<Bar> = {}): Bar => ({
  symbol: KO,
  openedAt: minute(n),
  open: 100,
  high: 101,
  low: 99,
  close: 100,
  volumeShares: 10_000,
  ...prices,
})
const market = (side: 'buy' | 'sell', quantityShares: number, clientOrderId = `${side}-${quantityShares}`): OrderRequest => ({
  clientOrderId,
  symbol: KO,
  side,
  quantityShares,
  timeInForce: 'day',
  type: 'market',
})
const limit = (side: 'buy' | 'sell', quantityShares: number, limitPrice: number): OrderRequest => ({
  ...market(side, quantityShares),
  type: 'limit',
  limitPrice,
})
const terms = (at: EpochMs) => ({
  at,
  worksFrom: at,
  expiresAt: minute(390),
  isShortable: true,
  priceOf: () => 100,
  model: MODEL,
})
const offered = (account: Account, request: OrderRequest, at = minute(0)) => accept(account, request, terms(at))
function placed(account: Account, request: OrderRequest, at = minute(0)): Account {
  const outcome = offered(account, request, at)
  if (!outcome.ok) throw new Error(`refused: ${outcome.why.kind}`)
  return outcome.value.account
}
const afterBar = (account: Account, b: Bar) => onBar(account, b, { model: MODEL, closedAt: epochMs(b.openedAt + MINUTE_MS) })
const close = (account: Account) => onClose(account, minute(390), { model: MODEL, nights: 1, priceOf: () => 100 })
const fillOf = (events: readonly OrderMatched[]) => events.find((e) => e.kind === 'fill')
/** An account that holds `shares`, bought or sold short at about 100. */
const holding = (shares: number) => {
  const order = market(shares > 0 ? 'buy' : 'sell', Math.abs(shares), 'held')
  return afterBar(placed(openAccount(START), order), bar(0, { volumeShares: 1e9 })).account
}

describe('prices', () => {
  test('a market order pays half the spread and slippage on the next opening, a sale gets as much less', () => {
    expect(fillOf(afterBar(placed(openAccount(START), market('buy', 10)), bar(0)).events)?.price).toBe(100.015)
    expect(fillOf(afterBar(placed(openAccount(START), market('sell', 10)), bar(0)).events)?.price).toBe(99.985)
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
    const ioc = placed(openAccount(START), { ...limit('buy', 10, 99.5), timeInForce: 'ioc' })
    const { account, events } = afterBar(ioc, bar(0, { low: 90 }))
    expect(events.map((e) => e.kind)).toEqual(['cancelled'])
    expect(account.working.size).toBe(0)
  })
})

describe('volume', () => {
  test('one bar gives a tenth of its volume, and the rest goes on', () => {
    const first = afterBar(placed(openAccount(START), market('buy', 150)), bar(0, { volumeShares: 1_000 }))
    expect(fillOf(first.events)).toMatchObject({ quantityShares: 100, isComplete: false, positionShares: 100 })
    const second = afterBar(first.account, bar(1, { volumeShares: 1_000 }))
    expect(fillOf(second.events)).toMatchObject({ quantityShares: 50, isComplete: true, positionShares: 150 })
    expect(second.account.working.size).toBe(0)
  })

  test('a thin bar gives one share, an empty one none', () => {
    const account = placed(openAccount(START), market('buy', 10))
    expect(fillOf(afterBar(account, bar(0, { volumeShares: 3 })).events)?.quantityShares).toBe(1)
    expect(afterBar(account, bar(0, { volumeShares: 0 })).events).toEqual([])
  })
})

describe('time', () => {
  test('a bar that opened before the order was accepted is never looked at', () => {
    const account = placed(openAccount(START), market('buy', 10), epochMs(minute(5) + 1))
    expect(afterBar(account, bar(5)).events).toEqual([])
    expect(afterBar(account, bar(6)).events).toHaveLength(1)
  })

  test('a day order expires at the close with what it has, a lasting one does not', () => {
    const day = placed(openAccount(START), market('buy', 10))
    const lasting = accept(day, { ...limit('buy', 5, 50), timeInForce: 'gtc' }, { ...terms(minute(0)), expiresAt: undefined })
    if (!lasting.ok) throw new Error(lasting.why.kind)
    const { account, events } = close(lasting.value.account)
    expect(events).toMatchObject([{ kind: 'expired', order: { request: { clientOrderId: 'buy-10' } } }])
    expect(account.working.get(KO)).toHaveLength(1)
  })
})

describe('refusals', () => {
  test('more than the buying power: twice the equity, an order at the market counting 3 % more', () => {
    expect(offered(openAccount(START), market('buy', 1_941)).ok).toBe(true)
    expect(offered(openAccount(START), market('buy', 1_942))).toMatchObject({
      why: { kind: 'insufficient-buying-power', needed: 200_026, available: 200_000 },
    })
  })

  test('working orders take buying power until they are cancelled', () => {
    const busy = placed(openAccount(START), limit('buy', 1_000, 150))
    expect(buyingPower(busy, () => 100, MODEL)).toBe(50_000)
    const freed = cancel(busy, 'buy-1000')
    expect(freed && buyingPower(freed.account, () => 100, MODEL)).toBe(200_000)
    expect(cancel(busy, 'other')).toBeUndefined()
  })

  test('a short sale of what may not be shorted, and only that', () => {
    const why = { why: { kind: 'not-shortable' } }
    expect(accept(openAccount(START), market('sell', 1), { ...terms(minute(0)), isShortable: false })).toMatchObject(why)
    expect(accept(holding(5), market('sell', 5), { ...terms(minute(1)), isShortable: false }).ok).toBe(true)
  })

  test('a sale of more than is held and free', () => {
    const account = placed(holding(10), market('sell', 4), minute(1))
    expect(offered(account, market('sell', 7))).toMatchObject({
      why: { kind: 'insufficient-shares', requested: 7, existing: 10, held: 4, available: 6 },
    })
    expect(offered(holding(-10), market('buy', 11))).toMatchObject({ why: { kind: 'insufficient-shares', available: 10 } })
  })

  test('an order that could trade with one of our own', () => {
    const account = placed(holding(10), limit('buy', 5, 95), minute(1))
    expect(offered(account, market('sell', 5))).toMatchObject({ why: { kind: 'opposite-order', clientOrderId: 'buy-5' } })
    expect(offered(account, limit('sell', 5, 95))).toMatchObject({ why: { kind: 'opposite-order' } })
    expect(offered(account, limit('sell', 5, 95.01)).ok).toBe(true)
  })

  test('part of a share, none, or an auction order', () => {
    expect(offered(openAccount(START), market('sell', 0.5))).toMatchObject({ why: { kind: 'not-whole-shares' } })
    expect(offered(openAccount(START), market('buy', 0))).toMatchObject({ why: { kind: 'not-whole-shares' } })
    expect(offered(openAccount(START), { ...market('buy', 1), timeInForce: 'opg' })).toMatchObject({
      why: { kind: 'time-in-force-not-offered' },
    })
  })
})

describe('fees', () => {
  test('the SEC takes its rate of the proceeds, FINRA of the shares up to its maximum', () => {
    expect(secFee(microUsd(1_000_000), MODEL)).toBe(microUsd(27.8))
    expect(tradingActivityFee(1_000, MODEL)).toBe(166_000n)
    expect(tradingActivityFee(100_000, MODEL)).toBe(microUsd(8.3))
  })

  test('a buy owes nothing; the sums of a day are paid at the close, each rounded up to the cent', () => {
    expect(holding(10).accruedFees).toEqual({ sec: NO_MONEY, taf: NO_MONEY })
    const sold = afterBar(placed(holding(10), market('sell', 10), minute(1)), bar(1)).account
    // 999.85 × 27.80 / 1e6 = 0.02779583, and 10 × 0.000166.
    expect(sold.accruedFees).toEqual({ sec: 27_796n, taf: 1_660n })
    const closed = close(sold).account
    expect(closed.feesPaid).toBe(microUsd(0.04))
    expect(sold.cash - closed.cash).toBe(microUsd(0.04))
  })

  test('a short position pays borrow for every night it is held', () => {
    const short = holding(-100)
    const weekend = onClose(short, minute(390), { model: MODEL, nights: 3, priceOf: () => 100 })
    expect(weekend.account.borrowPaid).toBe(microUsd(0.25))
    expect(close(holding(100)).account.borrowPaid).toBe(NO_MONEY)
  })
})

test('closing half of a position at a profit leaves half of its cost; going through zero opens anew at the new price', () => {
  const sold = afterBar(placed(holding(10), market('sell', 5), minute(1)), bar(1, { open: 110 })).account
  expect(sold.positions.get(KO)).toEqual({ quantityShares: 5, cost: microUsd(500.075) })
  expect(sold.realised).toBe(tradeValue(109.9835, 5) - microUsd(500.075))
  const through = tradePosition({ quantityShares: 10, cost: microUsd(1_000) }, -15, microUsd(-1_650))
  expect(through).toEqual({ position: { quantityShares: -5, cost: microUsd(-550) }, realised: microUsd(100) })
})

type Step =
  | {
      readonly kind: 'order'
      readonly side: 'buy' | 'sell'
      readonly shares: number
      readonly limit: number | undefined
      readonly ioc: boolean
      /** Minutes until it is accepted. */
      readonly delay: number
    }
  | { readonly kind: 'bar'; readonly open: number; readonly span: number; readonly volume: number }
  | { readonly kind: 'cancel'; readonly nth: number }
  | { readonly kind: 'close' }

const price = fc.integer({ min: 50_000, max: 200_000 }).map((cents) => cents / 1000)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('order' as const),
        side: fc.constantFrom('buy' as const, 'sell' as const),
        shares: fc.integer({ min: 1, max: 400 }),
        limit: fc.option(price, { nil: undefined }),
        ioc: fc.boolean(),
        delay: fc.integer({ min: 0, max: 3 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('bar' as const),
        open: price,
        span: fc.double({ min: 0, max: 3, noNaN: true }),
        volume: fc.integer({ min: 0, max: 3000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'close' as const }) },
  ),
  { maxLength: 60 },
)

/** Runs the steps, one minute apart, and keeps everything that happened. */
function walk(sequence: readonly Step[]): {
  account: Account
  events: OrderMatched[]
  seen: { order: OrderMatched; opened: EpochMs }[]
} {
  let account = openAccount(START)
  const events: OrderMatched[] = []
  const seen: { order: OrderMatched; opened: EpochMs }[] = []
  sequence.forEach((step, n) => {
    if (step.kind === 'order') {
      const base = market(step.side, step.shares, `o${n}`)
      const priced: OrderRequest = step.limit === undefined ? base : { ...base, type: 'limit', limitPrice: step.limit }
      const outcome = offered(account, { ...priced, timeInForce: step.ioc ? 'ioc' : 'day' }, epochMs(minute(n + step.delay) + 1))
      if (outcome.ok) account = outcome.value.account
    } else if (step.kind === 'cancel') {
      account = cancel(account, `o${step.nth}`)?.account ?? account
    } else {
      const opened = minute(n)
      const { open, span, volume } = step.kind === 'bar' ? step : { open: 100, span: 0, volume: 0 }
      const b = bar(n, { open, high: open + span, low: open - span, close: open, volumeShares: volume })
      const matched = step.kind === 'bar' ? afterBar(account, b) : close(account)
      account = matched.account
      events.push(...matched.events)
      seen.push(...matched.events.map((order) => ({ order, opened })))
    }
  })
  return { account, events, seen }
}

describe('after any sequence of orders, bars, cancellations and closes', () => {
  test('cash, cost, profit, fees and borrow balance to the micro-dollar, and the executions alone explain the cash', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { account, events } = walk(sequence)
        const cost = [...account.positions.values()].reduce((sum, p) => sum + p.cost, 0n)
        expect(account.cash).toBe(account.startingCash + account.realised - cost - account.feesPaid - account.borrowPaid)
        const fills = events.filter((e) => e.kind === 'fill')
        const paid = fills.reduce(
          (sum, e) => sum + (e.order.request.side === 'buy' ? 1n : -1n) * tradeValue(e.price, e.quantityShares),
          0n,
        )
        expect(account.cash).toBe((START - paid - account.feesPaid - account.borrowPaid) as MicroUsd)
        const shares = fills.reduce((sum, e) => sum + (e.order.request.side === 'buy' ? 1 : -1) * e.quantityShares, 0)
        expect(sharesHeld(account, KO)).toBe(shares)
      }),
      { numRuns: 150 },
    )
  })

  test('no order executes more than it asks, at a worse price than its limit, on a bar from before it, or after its end', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const filled = new Map<string, number>()
        const ended = new Set<string>()
        for (const { order: event, opened } of walk(sequence).seen) {
          const { clientOrderId, quantityShares, side, ...request } = event.order.request
          expect(ended.has(clientOrderId)).toBe(false)
          if (event.kind !== 'fill') {
            ended.add(clientOrderId)
            continue
          }
          const total = (filled.get(clientOrderId) ?? 0) + event.quantityShares
          filled.set(clientOrderId, total)
          expect(total).toBeLessThanOrEqual(quantityShares)
          expect(total).toBe(event.order.filledShares)
          expect(opened).toBeGreaterThan(event.order.acceptedAt)
          if (request.type === 'limit') {
            if (side === 'buy') expect(event.price).toBeLessThanOrEqual(request.limitPrice)
            else expect(event.price).toBeGreaterThanOrEqual(request.limitPrice)
          }
          if (event.isComplete) ended.add(clientOrderId)
        }
      }),
      { numRuns: 150 },
    )
  })
})
