import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { microUsd } from '#domain/money.ts'
import type { Pair } from '#domain/pair.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { applyFill, applyIntent, settlePair } from './apply.ts'
import { sumOf } from './lot.ts'
import { emptyPortfolio, heldPair, type PairFill, type PairIntent, type Portfolio, positionIn } from './portfolio.ts'
import { type RecordedOrder, rebuild } from './rebuild.ts'
import { equityOf, exposureOf, markToMarket, profitOf, startDay } from './value.ts'

const CASH = microUsd(100_000)
const pair: Pair = { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ }
const other: Pair = { y: 'XOM' as Symbol_, x: 'COP' as Symbol_ }

function intent(changes: Partial<PairIntent> = {}): PairIntent {
  return { pair, leg: 'y', side: 'buy', purpose: 'enter', at: epochMs(1000), signalId: 's1', signalZ: -2.3, ...changes }
}

let executions = 0
function fill(changes: Partial<PairFill> = {}): PairFill {
  const merged = { pair, leg: 'y' as const, side: 'buy' as const, quantityShares: 10, price: 80, referencePrice: 80, ...changes }
  const symbol = merged.pair[merged.leg]
  return { executionId: `e${executions++}`, clientOrderId: 'o1', at: epochMs(2000), symbol, fees: sumOf(), ...merged }
}

function entered(): Portfolio {
  const opening = applyIntent(applyIntent(emptyPortfolio(CASH), intent()), intent({ leg: 'x', side: 'sell' }))
  return applyFill(
    applyFill(opening, fill()),
    fill({ leg: 'x', side: 'sell', quantityShares: 7, price: 114, fees: microUsd(0.02) }),
  )
}

describe('the life of a pair', () => {
  test('an entry opens it once, with the direction of its y leg', () => {
    const opening = applyIntent(applyIntent(emptyPortfolio(CASH), intent({ side: 'sell' })), intent({ leg: 'x', side: 'buy' }))
    expect(opening.pairs).toMatchObject([{ state: 'opening', direction: 'short', entryZ: -2.3, entrySignalId: 's1' }])
  })

  test('fills move cash, shares and both legs', () => {
    const portfolio = settlePair(entered(), pair)
    expect(portfolio.cash).toBe(microUsd(100_000 - 800 + 798 - 0.02))
    expect(heldPair(portfolio, pair)).toMatchObject({ state: 'open', y: { entryPrice: 80 }, x: { entryPrice: 114 } })
    expect(positionIn(portfolio, pair)).toMatchObject({ kind: 'open', direction: 'long', isHedged: true })
  })

  test('leaving it closes it with all fees in its profit', () => {
    const leaving = applyIntent(settlePair(entered(), pair), intent({ purpose: 'exit', side: 'sell', at: epochMs(9000) }))
    expect(heldPair(leaving, pair)?.state).toBe('closing')
    const sold = applyFill(leaving, fill({ side: 'sell', price: 81, at: epochMs(9500) }))
    const closed = settlePair(applyFill(sold, fill({ leg: 'x', quantityShares: 7, price: 115, at: epochMs(9600) })), pair)
    expect(closed.pairs).toMatchObject([{ state: 'closed', realised: microUsd(10 - 7 - 0.02), lastFillAt: 9600 }])
    expect(closed.holdings.size).toBe(0)
    expect(positionIn(closed, pair)).toEqual({ kind: 'flat', since: 9000 })
  })

  test('an entry that never filled leaves no holding', () => {
    expect(settlePair(applyIntent(emptyPortfolio(CASH), intent()), pair).pairs).toEqual([])
  })

  test('one leg alone is not hedged once no order is alive', () => {
    const lone = applyFill(applyIntent(emptyPortfolio(CASH), intent()), fill())
    expect(positionIn(lone, pair)).toMatchObject({ isHedged: true })
    expect(positionIn(settlePair(lone, pair), pair)).toMatchObject({ isHedged: false })
  })

  test('two pairs that share a symbol keep their own legs and share its holding', () => {
    const both = applyFill(
      applyIntent(entered(), intent({ pair: other, signalId: 's2' })),
      fill({ pair: other, quantityShares: 5 }),
    )
    expect(both.holdings.get(pair.y)?.lot.shares).toBe(15)
    expect(both.pairs.map(({ y }) => y.lot.shares)).toEqual([10, 5])
  })
})

describe('value', () => {
  test('equity is cash and holdings at their marks, exposure counts both sides', () => {
    const marked = markToMarket(
      entered(),
      epochMs(3000),
      new Map([
        [pair.y, 82],
        [pair.x, 113],
      ]),
    )
    expect(equityOf(marked)).toBe(microUsd(100_000 + 20 + 7 - 0.02))
    expect(exposureOf(marked)).toEqual({ gross: microUsd(820 + 791), net: microUsd(820 - 791) })
    expect(startDay(marked).startingEquity).toBe(equityOf(marked))
  })

  test('a symbol without a price keeps its last mark and its age', () => {
    const marked = markToMarket(entered(), epochMs(3000), new Map([[pair.y, Number.NaN]]))
    expect(marked.holdings.get(pair.y)).toMatchObject({ lastPrice: 80, pricedAt: 2000 })
  })

  test('profit at reference prices less what it cost to trade is the money made', () => {
    const fills = [fill({ price: 80.02, fees: microUsd(0.01) }), fill({ side: 'sell', price: 80.98, referencePrice: 81 })]
    expect(profitOf(fills, new Map())).toEqual({ gross: microUsd(10), costs: microUsd(0.41), net: microUsd(9.59) })
  })

  test('what is left open needs a mark', () => {
    expect(() => profitOf([fill()], new Map())).toThrow(RangeError)
  })
})

const someFills = fc.array(
  fc.record({
    pair: fc.constantFrom(pair, other),
    leg: fc.constantFrom('y' as const, 'x' as const),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantityShares: fc.integer({ min: 1, max: 500 }),
    price: fc.double({ min: 0.5, max: 500, noNaN: true }),
    referencePrice: fc.double({ min: 0.5, max: 500, noNaN: true }),
    fees: fc.integer({ min: 0, max: 5_000_000 }).map((millionths) => microUsd(millionths / 1e6)),
  }),
  { maxLength: 30 },
)
const marks = new Map(['XOM', 'CVX', 'COP'].map((symbol, i) => [symbol as Symbol_, 50.125 * (i + 1)]))

test('for any fills, gross less costs is net, and net is what equity gained', () => {
  fc.assert(
    fc.property(someFills, (changes) => {
      const fills = changes.map((change) => fill(change))
      const portfolio = markToMarket(fills.reduce(applyFill, emptyPortfolio(CASH)), epochMs(9000), marks)
      const { gross, costs, net } = profitOf(fills, marks)
      expect(gross - costs).toBe(net)
      expect(equityOf(portfolio) - CASH).toBe(net)
    }),
  )
})

describe('a portfolio rebuilt from orders and fills', () => {
  const done = { kind: 'filled', brokerOrderId: 'b', filledShares: 10, averagePrice: 80, at: epochMs(2000) } as const
  const order = (id: string, changes: Partial<RecordedOrder>): RecordedOrder => ({
    ...intent(),
    clientOrderId: id,
    state: done,
    ...changes,
  })

  const orders = [
    order('a-y', {}),
    order('a-x', { leg: 'x', side: 'sell' }),
    order('b-y', { purpose: 'exit', side: 'sell', at: epochMs(3000), signalId: 's2' }),
    order('b-x', { purpose: 'exit', leg: 'x', side: 'buy', at: epochMs(3000), signalId: 's2' }),
    order('c-y', { at: epochMs(5000), signalId: 's3', side: 'sell' }),
  ]
  const fills = [
    fill({ clientOrderId: 'a-y' }),
    fill({ clientOrderId: 'a-x', leg: 'x', side: 'sell', quantityShares: 7, price: 114 }),
    fill({ clientOrderId: 'b-y', side: 'sell', price: 81, at: epochMs(4000) }),
    fill({ clientOrderId: 'b-x', leg: 'x', quantityShares: 7, price: 113, at: epochMs(4000) }),
    fill({ clientOrderId: 'c-y', side: 'sell', price: 82, at: epochMs(6000) }),
  ]

  test('is the one that was kept as it went', () => {
    const entry = settlePair(
      applyFill(applyFill(orders.slice(0, 2).reduce(applyIntent, emptyPortfolio(CASH)), fills[0]), fills[1]),
      pair,
    )
    const exit = settlePair(applyFill(applyFill(orders.slice(2, 4).reduce(applyIntent, entry), fills[2]), fills[3]), pair)
    const kept = settlePair(applyFill(applyIntent(exit, orders[4]), fills[4]), pair)
    expect(rebuild({ cash: CASH, orders, fills })).toEqual(kept)
  })

  test('does not depend on the order of its rows', () => {
    const expected = rebuild({ cash: CASH, orders, fills })
    const shuffled = fc.record({
      orders: fc.shuffledSubarray(orders, { minLength: orders.length }),
      fills: fc.shuffledSubarray(fills, { minLength: fills.length }),
    })
    fc.assert(
      fc.property(shuffled, (rows) => {
        expect(rebuild({ cash: CASH, ...rows })).toEqual(expected)
      }),
    )
  })

  test('gives a late fill to the holding that its own order was leaving', () => {
    const late = fills.map((one) => (one.clientOrderId === 'b-x' ? { ...one, at: epochMs(7000) } : one))
    expect(rebuild({ cash: CASH, orders, fills: late }).pairs.map(({ state }) => state)).toEqual(['closed', 'open'])
  })

  test('knows that a pair is opening or closing while its orders are alive', () => {
    const working = { kind: 'working', brokerOrderId: 'b', filledShares: 0 } as const
    const alive = (id: string) => orders.map((one) => (one.clientOrderId === id ? { ...one, state: working } : one))
    expect(rebuild({ cash: CASH, orders: alive('c-y'), fills }).pairs.at(-1)?.state).toBe('opening')
    expect(rebuild({ cash: CASH, orders: alive('b-y').slice(0, 4), fills: fills.slice(0, 2) }).pairs.at(-1)?.state).toBe(
      'closing',
    )
  })
})
