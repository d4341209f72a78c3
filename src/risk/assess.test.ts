import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PAPER } from '#domain/book.ts'
import { sessionOn } from '#domain/calendar.ts'
import { microUsd } from '#domain/money.ts'
import type { Pair } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS, type Probability } from '#domain/units.ts'
import { applyFill, applyIntent, settlePair } from '#portfolio/apply.ts'
import { sumOf } from '#portfolio/lot.ts'
import { emptyPortfolio, type PairFill, type Portfolio } from '#portfolio/portfolio.ts'
import { markToMarket } from '#portfolio/value.ts'
import type { ActionableSignal } from '#signals/signal.ts'
import { assess, assessInTurn, type RiskDecision } from './assess.ts'
import type { Circumstances } from './limits.ts'
import { pendingOf } from './pair-order.ts'
import { grossOf, sizeLegs } from './size.ts'

const SESSION = sessionOn('2018-03-28' as SessionDate)
const at = epochMs((SESSION?.opensAt ?? 0) + 60 * MINUTE_MS)
const [XOM, CVX, COP, SLB] = ['XOM', 'CVX', 'COP', 'SLB'].map((symbol) => symbol as Symbol_)
const pair: Pair = { y: XOM, x: CVX }
const EMPTY = emptyPortfolio(microUsd(100_000))

function signal(changes: Partial<ActionableSignal> = {}): ActionableSignal {
  return {
    id: 's1',
    book: PAPER,
    at,
    pair,
    kind: 'enter-long',
    confidence: 0.5 as Probability,
    z: -2.3,
    probability: undefined,
    reasons: [],
    numbers: { hedgeRatio: 0.5 },
    modelId: 'm',
    strategy: 'z-score@1',
    ...changes,
  }
}

function now(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    portfolio: EMPTY,
    limits: { positionFraction: 0.1, maximumGross: 1, maximumPairs: 10, maximumDailyLoss: 0.03, noEntryBeforeCloseMinutes: 30 },
    session: SESSION,
    prices: new Map([
      [XOM, 80],
      [CVX, 115],
      [COP, 60],
      [SLB, 65],
    ]),
    account: { buyingPower: microUsd(200_000), isShortingEnabled: true, isBlocked: false },
    assets: new Map([XOM, CVX, COP, SLB].map((symbol) => [symbol, { isTradable: true, isShortable: true }])),
    pendingOrders: [],
    ...changes,
  }
}

function fill(changes: Pick<PairFill, 'leg' | 'side' | 'quantityShares' | 'price'> & { pair?: Pair }): PairFill {
  const of = changes.pair ?? pair
  const shared = { clientOrderId: 'o', executionId: `e-${changes.leg}`, at, referencePrice: changes.price, fees: sumOf() }
  return { ...shared, pair: of, symbol: of[changes.leg], ...changes }
}

/** A book that holds `held`: 50 shares of y long and 20 of x short. */
function holding(held: Pair = pair): Portfolio {
  const opening = applyIntent(EMPTY, { pair: held, leg: 'y', side: 'buy', purpose: 'enter', at, signalId: 's0', signalZ: -2 })
  const long = applyFill(opening, fill({ pair: held, leg: 'y', side: 'buy', quantityShares: 50, price: 80 }))
  return settlePair(applyFill(long, fill({ pair: held, leg: 'x', side: 'sell', quantityShares: 20, price: 115 })), held)
}

function reasonOf(decision: RiskDecision): string {
  return decision.kind === 'refused' ? decision.reason : decision.kind
}

describe('an entry', () => {
  test('takes equity × fraction × confidence, with β dollars of x against each dollar of y', () => {
    const decision = assess(signal(), now())
    // $5,000: $3,333 of XOM is 41 shares ($3,280); half of that is 14.26 shares of CVX.
    expect(decision).toMatchObject({
      kind: 'approved',
      order: {
        purpose: 'enter',
        legs: [
          { leg: 'y', symbol: 'XOM', side: 'buy', quantityShares: 41, referencePrice: 80 },
          { leg: 'x', symbol: 'CVX', side: 'sell', quantityShares: 14, referencePrice: 115 },
        ],
      },
      figures: { hedgeRatio: 0.5, grossUsd: 41 * 80 + 14 * 115, hedgeAchieved: (14 * 115) / (41 * 80) },
    })
  })

  test('short sells y and buys x', () => {
    const decision = assess(signal({ kind: 'enter-short' }), now())
    expect(decision).toMatchObject({ order: { legs: [{ side: 'sell' }, { side: 'buy' }] } })
  })

  test('of a pair with a negative hedge ratio trades both legs the same way', () => {
    const decision = assess(signal({ numbers: { hedgeRatio: -0.5 } }), now())
    expect(decision).toMatchObject({ order: { legs: [{ side: 'buy' }, { side: 'buy', quantityShares: 14 }] } })
  })

  const late = epochMs((SESSION?.closesAt ?? 0) - 30 * MINUTE_MS)
  const lost = { ...EMPTY, startingEquity: microUsd(103_100) }
  const approvedElsewhere = assess(signal({ pair: { y: COP, x: SLB }, numbers: { hedgeRatio: 1 } }), now())
  const pending = approvedElsewhere.kind === 'approved' ? pendingOf(approvedElsewhere.order) : []
  const barred = (symbol: Symbol_, flags: object) =>
    new Map([...now().assets].map(([s, a]) => [s, s === symbol ? { ...a, ...flags } : a]))

  test.each<[string, Partial<ActionableSignal>, Partial<Circumstances>]>([
    ['market-closed', {}, { session: undefined }],
    ['near-close', { at: late }, {}],
    ['account-blocked', {}, { account: { ...now().account, isBlocked: true } }],
    ['already-held', {}, { portfolio: holding() }],
    ['already-pending', { pair: { y: COP, x: SLB } }, { pendingOrders: pending }],
    ['daily-loss', {}, { portfolio: lost }],
    ['maximum-pairs', {}, { limits: { ...now().limits, maximumPairs: 1 }, pendingOrders: pending }],
    ['no-price', {}, { prices: new Map([[XOM, 80]]) }],
    [
      'no-price',
      {},
      {
        prices: new Map([
          [XOM, 80],
          [CVX, Number.NaN],
        ]),
      },
    ],
    ['not-tradable', {}, { assets: new Map() }],
    ['not-shortable', {}, { assets: barred(CVX, { isShortable: false }) }],
    ['not-shortable', {}, { account: { ...now().account, isShortingEnabled: false } }],
    ['no-hedge-ratio', { numbers: {} }, {}],
    ['too-small', { confidence: 0.005 as Probability }, {}],
    ['gross-limit', {}, { limits: { ...now().limits, maximumGross: 0.04 } }],
    ['gross-limit', {}, { limits: { ...now().limits, maximumGross: 0.09 }, pendingOrders: pending }],
    ['buying-power', {}, { account: { ...now().account, buyingPower: microUsd(5000) } }],
    ['leg-opposed', { kind: 'enter-short' }, { portfolio: holding({ y: XOM, x: COP }) }],
    ['leg-opposed', { pair: { y: SLB, x: COP } }, { pendingOrders: pending }],
  ])('is refused by %s', (reason, changes, circumstances) => {
    const decision = assess(signal(changes), now(circumstances))
    expect(reasonOf(decision)).toBe(reason)
  })

  test('is refused in words that a trader understands', () => {
    const decision = assess(signal(), now({ limits: { ...now().limits, maximumGross: 0.04 } }))
    const sentence = 'Risk refused XOM-CVX: gross exposure would reach 4.89 % of equity, and the limit is 4.00 %.'
    expect(decision).toMatchObject({ sentence, figures: { maximumGross: 0.04 } })
  })

  test('may share a symbol with another pair on the same side, and comes 31 minutes before the close', () => {
    expect(reasonOf(assess(signal(), now({ portfolio: holding({ y: XOM, x: COP }) })))).toBe('approved')
    expect(reasonOf(assess(signal({ at: epochMs(late - MINUTE_MS) }), now()))).toBe('approved')
  })
})

describe('an exit', () => {
  const exit = signal({ kind: 'exit', numbers: {} })

  test('closes what is held, no more', () => {
    const marked = markToMarket(holding(), at, new Map([[CVX, 116]]))
    expect(assess(exit, now({ portfolio: marked, prices: new Map([[XOM, 81]]) }))).toMatchObject({
      kind: 'approved',
      order: {
        purpose: 'exit',
        legs: [
          { leg: 'y', side: 'sell', quantityShares: 50, referencePrice: 81 },
          { leg: 'x', side: 'buy', quantityShares: 20, referencePrice: 116 },
        ],
      },
    })
  })

  test('is approved whatever the limits, and outside the session', () => {
    const limits = { positionFraction: 0, maximumGross: 0, maximumPairs: 0, maximumDailyLoss: 0, noEntryBeforeCloseMinutes: 390 }
    expect(reasonOf(assess(exit, now({ portfolio: holding(), limits, session: undefined, assets: new Map() })))).toBe('approved')
  })

  test('of nothing is refused, and so is one that is under way', () => {
    expect(reasonOf(assess(exit, now()))).toBe('nothing-held')
    const first = assess(exit, now({ portfolio: holding() }))
    const pendingOrders = first.kind === 'approved' ? pendingOf(first.order) : []
    expect(reasonOf(assess(exit, now({ portfolio: holding(), pendingOrders })))).toBe('already-pending')
  })
})

describe('a tick', () => {
  test('exits come first, then entries by confidence, each seeing what was approved before', () => {
    const weak = signal({ id: 'weak', pair: { y: SLB, x: CVX }, confidence: 0.4 as Probability })
    const strong = signal({ id: 'strong', confidence: 0.9 as Probability })
    const exit = signal({ id: 'exit', kind: 'exit', pair: { y: XOM, x: COP } })
    const limits = { ...now().limits, maximumPairs: 2 }
    const decisions = assessInTurn([weak, strong, exit], now({ portfolio: holding({ y: XOM, x: COP }), limits }))
    expect(decisions.map(({ signalId }) => signalId)).toEqual(['exit', 'strong', 'weak'])
    // XOM is being sold by the exit, so buying it is refused; the weaker pair then has the room.
    expect(decisions.map(reasonOf)).toEqual(['approved', 'leg-opposed', 'approved'])
  })
})

test('no size is above its budget, and x is within one share of the hedge', () => {
  const sizes = fc.record({
    hedgeRatio: fc.double({ min: -3, max: 3, noNaN: true }),
    y: fc.integer({ min: 100, max: 90_000 }).map((cents) => cents / 100),
    x: fc.integer({ min: 100, max: 90_000 }).map((cents) => cents / 100),
    equityUsd: fc.integer({ min: -1000, max: 1_000_000 }),
    confidence: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
  })
  fc.assert(
    fc.property(sizes, ({ hedgeRatio, y, x, equityUsd, confidence }) => {
      const legs = sizeLegs({
        pair,
        direction: 'long',
        hedgeRatio,
        prices: { y, x },
        equityUsd,
        positionFraction: 0.1,
        confidence: confidence as Probability,
      })
      expect(grossOf(legs)).toBeLessThanOrEqual(Math.max(0, equityUsd * 0.1 * confidence) * (1 + 1e-12))
      const [sizedY, sizedX] = legs
      expect(Math.abs(sizedX.quantityShares * x - Math.abs(hedgeRatio) * sizedY.quantityShares * y)).toBeLessThanOrEqual(
        x * (1 + 1e-9),
      )
      expect(legs.every(({ quantityShares }) => Number.isSafeInteger(quantityShares))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
