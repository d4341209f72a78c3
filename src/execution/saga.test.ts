import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PAPER } from '#domain/book.ts'
import { microUsd } from '#domain/money.ts'
import { isFinal, type OrderEvent } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { signedShares } from '#portfolio/lot.ts'
import { type Approved, assess } from '#risk/assess.ts'
import type { PairOrder } from '#risk/pair-order.ts'
import { clientOrderIdOf, intend } from './intend.ts'
import { begin, endingOf, next, restore, type Saga, type SagaAction, type SagaEvent, type SagaStep } from './saga.ts'

const at = epochMs(Date.UTC(2018, 2, 28, 14))
const pair = { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ }
const assets = new Map([pair.y, pair.x].map((symbol) => [symbol, { isTradable: true, isShortable: true }]))

/** An entry of 41 XOM long and 14 CVX short, approved by risk. */
function approvedEntry(): Approved<PairOrder> {
  const cash = microUsd(100_000)
  const decision = assess(
    {
      id: 's1',
      book: PAPER,
      at,
      pair,
      kind: 'enter-long',
      confidence: 0.5 as never,
      z: -2,
      probability: undefined,
      reasons: [],
      numbers: { hedgeRatio: 0.5 },
      modelId: 'm',
      strategy: 'z-score@1',
    },
    {
      portfolio: { cash, startingEquity: cash, holdings: new Map(), pairs: [] },
      limits: { positionFraction: 0.1, maximumGross: 1, maximumPairs: 9, maximumDailyLoss: 0.1, noEntryBeforeCloseMinutes: 0 },
      session: { date: '2018-03-28' as never, opensAt: epochMs(at - 1), closesAt: epochMs(at + 1e7), isHalfDay: false },
      prices: new Map([
        [pair.y, 80],
        [pair.x, 115],
      ]),
      account: { buyingPower: microUsd(200_000), isShortingEnabled: true, isBlocked: false },
      assets,
      pendingOrders: [],
    },
  )
  if (decision.kind === 'refused') throw new Error(decision.sentence)
  return decision.order
}

/** The exit of the same holding: an approval's shape with its purpose and sides turned. */
function approvedExit(): Approved<PairOrder> {
  const entry = approvedEntry()
  const legs = entry.legs.map((leg) => ({ ...leg, side: leg.side === 'buy' ? ('sell' as const) : ('buy' as const) }))
  return { ...entry, purpose: 'exit', legs }
}

const [Y, X] = intend(approvedEntry(), 'flow').map(({ clientOrderId }) => clientOrderId)

function news(clientOrderId: string, event: OrderEvent): SagaEvent {
  return { kind: 'order', at, clientOrderId, event, execution: undefined }
}

function filled(clientOrderId: string, shares: number, isComplete: boolean): SagaEvent {
  return news(clientOrderId, {
    kind: 'filled',
    brokerOrderId: `b-${clientOrderId}`,
    cumulativeShares: shares,
    averagePrice: 80,
    isComplete,
    at,
  })
}

function accepted(clientOrderId: string): SagaEvent {
  return news(clientOrderId, { kind: 'accepted', brokerOrderId: `b-${clientOrderId}` })
}

function rejected(clientOrderId: string): SagaEvent {
  return news(clientOrderId, { kind: 'rejected', reason: 'no', at })
}

function following(first: SagaStep, ...events: readonly SagaEvent[]): SagaStep {
  return events.reduce<SagaStep>((step, event) => next(step.saga, event), first)
}

function told(actions: readonly SagaAction[]): string[] {
  return actions.map((action) => {
    if (action.kind !== 'submit')
      return `${action.kind} ${action.clientOrderId === Y ? 'y' : action.clientOrderId === X ? 'x' : '?'}`
    const { leg, side, quantityShares, purpose } = action.order
    return `${purpose} ${side} ${quantityShares} ${leg}`
  })
}

const entry = () => begin(approvedEntry(), 'flow')
const exit = () => begin(approvedExit(), 'flow')

describe('ids', () => {
  test('derive from book, flow, signal and leg, and fit what Alpaca allows', () => {
    const cause = { book: PAPER, flowKey: 'flow', signalId: 's1', leg: 'y' } as const
    expect(clientOrderIdOf(cause)).toBe(Y)
    expect(Y.length).toBeLessThanOrEqual(48)
    const changed = [{ flowKey: 'other' }, { signalId: 's2' }, { leg: 'x' as const }, { book: 'live' as never }]
    expect(new Set([Y, ...changed.map((change) => clientOrderIdOf({ ...cause, ...change }))]).size).toBe(5)
  })
})

describe('an entry', () => {
  test('sends both legs and is complete when both have filled', () => {
    expect(told(entry().actions)).toEqual(['enter buy 41 y', 'enter sell 14 x'])
    const step = following(entry(), accepted(Y), accepted(X), filled(Y, 41, true), filled(X, 14, true))
    expect([endingOf(step.saga), step.actions]).toEqual([{ kind: 'complete' }, []])
  })

  test('whose second leg is rejected cancels the first and sells back what it filled', () => {
    const failing = following(entry(), accepted(Y), filled(Y, 30, false), rejected(X))
    expect(told(failing.actions)).toEqual(['cancel y'])
    const cancelled = following(failing, news(Y, { kind: 'cancelled', brokerOrderId: 'b', filledShares: 30, at }))
    expect(told(cancelled.actions)).toEqual(['unwind sell 30 y'])
    const unwinding = cancelled.saga.orders.at(-1)?.clientOrderId ?? ''
    expect(endingOf(cancelled.saga)).toBeUndefined()
    expect(endingOf(following(cancelled, filled(unwinding, 30, true)).saga)).toEqual({ kind: 'unwound' })
  })

  test('of which nothing filled is unwound without another order', () => {
    const step = following(entry(), rejected(Y), rejected(X))
    expect([endingOf(step.saga), step.saga.orders.length]).toEqual([{ kind: 'unwound' }, 2])
  })

  test('that has run out of time is cancelled and taken back', () => {
    const late = following(entry(), accepted(Y), accepted(X), filled(Y, 41, true), filled(X, 4, false), {
      kind: 'time-limit',
      at,
    })
    expect(told(late.actions)).toEqual(['cancel x'])
    const step = following(late, news(X, { kind: 'cancelled', brokerOrderId: 'b', filledShares: 4, at }))
    expect(told(step.actions)).toEqual(['unwind sell 41 y', 'unwind buy 4 x'])
  })

  test('that fills completely while it is being cancelled is complete', () => {
    const late = following(entry(), filled(Y, 41, true), accepted(X), { kind: 'time-limit', at })
    expect(endingOf(following(late, filled(X, 14, true)).saga)).toEqual({ kind: 'complete' })
  })

  test('that cannot be taken back is flagged with the shares that are left', () => {
    let step = following(entry(), filled(Y, 41, true), rejected(X))
    for (let i = 0; i < 3; i++) step = following(step, rejected(step.saga.orders.at(-1)?.clientOrderId ?? ''))
    expect(endingOf(step.saga)).toEqual({ kind: 'exposed', residual: { y: 41, x: 0 } })
    expect(step.saga.orders.length).toBe(5)
  })

  test('that is halted cancels and sends nothing more', () => {
    const halted = following(entry(), filled(Y, 41, true), accepted(X), { kind: 'halt', at })
    expect(told(halted.actions)).toEqual(['cancel x'])
    const step = following(halted, news(X, { kind: 'cancelled', brokerOrderId: 'b', filledShares: 0, at }))
    expect([step.actions, endingOf(step.saga)]).toEqual([[], { kind: 'exposed', residual: { y: 41, x: 0 } }])
  })
})

describe('an answer that was lost', () => {
  const lost = () => following(entry(), news(Y, { kind: 'answer-lost', at }))

  test('is resolved by asking, never by sending again', () => {
    expect(told(lost().actions)).toEqual(['ask y'])
    expect(following(lost(), filled(Y, 41, true)).saga.orders[0].state.kind).toBe('filled')
  })

  test('of an order that the broker does not have waits, and is sent after the next look', () => {
    const missing = following(lost(), news(Y, { kind: 'not-found' }))
    expect(missing.actions).toEqual([])
    expect(told(following(missing, { kind: 'look', at }).actions)).toEqual(['ask y', 'ask x'])
    expect(told(following(missing, { kind: 'look', at }, news(Y, { kind: 'not-found' })).actions)).toEqual(['enter buy 41 y'])
  })

  test('of an order that is wanted no more gives it up', () => {
    const step = following(
      lost(),
      rejected(X),
      news(Y, { kind: 'not-found' }),
      { kind: 'look', at },
      news(Y, { kind: 'not-found' }),
    )
    expect(endingOf(step.saga)).toEqual({ kind: 'unwound' })
  })
})

describe('an exit', () => {
  test('tries again what a leg has not closed', () => {
    const step = following(
      exit(),
      filled(Y, 41, true),
      accepted(X),
      news(X, { kind: 'expired', brokerOrderId: 'b', filledShares: 0, at }),
    )
    expect(told(step.actions)).toEqual(['exit buy 14 x'])
    expect(endingOf(following(step, filled(step.saga.orders.at(-1)?.clientOrderId ?? '', 14, true)).saga)).toEqual({
      kind: 'complete',
    })
  })

  test('is never undone: out of time it is cancelled and flagged', () => {
    const late = following(exit(), filled(Y, 41, true), accepted(X), { kind: 'time-limit', at })
    const step = following(late, news(X, { kind: 'cancelled', brokerOrderId: 'b', filledShares: 0, at }))
    expect([step.actions, endingOf(step.saga)]).toEqual([[], { kind: 'exposed', residual: { y: 0, x: -14 } }])
  })
})

test('an end with more shares than the known fills is asked about before it is believed', () => {
  const step = following(
    entry(),
    accepted(Y),
    accepted(X),
    news(Y, { kind: 'cancelled', brokerOrderId: 'b', filledShares: 7, at }),
  )
  expect(told(step.actions)).toEqual(['ask y'])
  expect(step.saga.orders[0].state.kind).toBe('working')
})

test('a saga restored from its orders in any order goes on as it was', () => {
  let step = following(entry(), filled(Y, 41, true), rejected(X))
  step = following(step, rejected(step.saga.orders.at(-1)?.clientOrderId ?? ''))
  const shuffled = fc.shuffledSubarray([...step.saga.orders], { minLength: step.saga.orders.length })
  fc.assert(
    fc.property(shuffled, (orders) => {
      const restored = restore(orders)
      expect(restored.orders.map(({ clientOrderId }) => clientOrderId)).toEqual([
        ...step.saga.orders.filter(({ leg }) => leg === 'y').map(({ clientOrderId }) => clientOrderId),
        X,
      ])
      expect(told(next(restored, { kind: 'look', at }).actions)).toEqual(['ask ?'])
    }),
  )
})

/** A broker that has for each order what it did of it; `draw` decides what happens to an action or an order. */
type Fate = {
  readonly kind: 'reject' | 'lose' | 'lose-unseen' | 'accept' | 'fill' | 'part' | 'cancel' | 'expire' | 'look' | 'repeat'
  readonly share: number
}

const fates = fc.array(
  fc.record({
    kind: fc.constantFrom<Fate['kind']>(
      'reject',
      'lose',
      'lose-unseen',
      'accept',
      'fill',
      'part',
      'cancel',
      'expire',
      'look',
      'repeat',
    ),
    share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  }),
  { maxLength: 40 },
)

type Booked = { filled: number; status: 'working' | 'filled' | 'cancelled' | 'expired' }

/** Runs a saga against a broker whose behaviour `fates` scripts; afterwards the broker behaves. Returns what it ended as. */
function run(first: SagaStep, script: readonly Fate[], restart: number): { saga: Saga; steps: number } {
  const booked = new Map<string, Booked>()
  let { saga } = first
  const actions = [...first.actions]
  const past: SagaEvent[] = []
  const fate = (i: number): Fate => script[i] ?? { kind: 'fill', share: 0.5 }
  const quantityOf = (id: string) => saga.orders.find((order) => order.clientOrderId === id)?.quantityShares ?? 0
  const report = (id: string): SagaEvent[] => {
    const order = booked.get(id)
    if (order === undefined) return [news(id, { kind: 'not-found' })]
    const partial = order.filled > 0 ? [filled(id, order.filled, order.status === 'filled')] : []
    if (order.status === 'cancelled' || order.status === 'expired') {
      return [...partial, news(id, { kind: order.status, brokerOrderId: `b-${id}`, filledShares: order.filled, at })]
    }
    return order.status === 'working' ? [...partial, accepted(id)] : partial
  }
  const answer = (action: SagaAction, { kind, share }: Fate): SagaEvent[] => {
    if (action.kind === 'submit') {
      const id = action.order.clientOrderId
      if (kind === 'reject' && !booked.has(id)) return [rejected(id)]
      if (kind === 'lose-unseen' && !booked.has(id)) return [news(id, { kind: 'answer-lost', at })]
      if (!booked.has(id)) booked.set(id, { filled: 0, status: 'working' })
      if (kind === 'lose') return [news(id, { kind: 'answer-lost', at })]
      return report(id)
    }
    const order = booked.get(action.clientOrderId)
    if (action.kind === 'ask') return kind === 'lose' ? [] : report(action.clientOrderId)
    if (kind === 'lose') return [{ kind: 'cancel-failed', clientOrderId: action.clientOrderId }]
    if (order?.status === 'working') {
      order.filled = kind === 'part' ? Math.max(order.filled, Math.floor(share * quantityOf(action.clientOrderId))) : order.filled
      order.status = 'cancelled'
    }
    return report(action.clientOrderId)
  }
  const happen = ({ kind, share }: Fate): SagaEvent[] => {
    if (kind === 'look') return [{ kind: 'look', at }]
    if (kind === 'repeat') return past.length === 0 ? [] : [past[Math.floor(share * past.length)]]
    const [id, order] = [...booked].find(([, { status }]) => status === 'working') ?? []
    if (id === undefined || order === undefined) return [{ kind: 'look', at }]
    const quantity = quantityOf(id)
    if (kind === 'part') order.filled = Math.max(order.filled, Math.floor(share * quantity))
    else if (kind === 'cancel') order.status = 'cancelled'
    else if (kind === 'expire') order.status = 'expired'
    else Object.assign(order, { filled: quantity, status: 'filled' })
    return report(id)
  }
  let steps = 0
  for (; steps < 400 && endingOf(saga) === undefined; steps++) {
    if (steps === restart) {
      saga = restore(saga.orders)
      actions.length = 0
      past.push({ kind: 'look', at })
    }
    const action = actions.shift()
    const events =
      steps === restart ? [{ kind: 'look', at } as const] : action ? answer(action, fate(steps)) : happen(fate(steps))
    for (const event of events) {
      past.push(event)
      const step = next(saga, event)
      saga = step.saga
      actions.push(...step.actions)
      check(saga, booked)
    }
  }
  return { saga, steps }
}

/** What is held and what may still fill never goes beyond what was approved, on either side of nothing. */
function check(saga: Saga, booked: ReadonlyMap<string, Booked>): void {
  for (const leg of ['y', 'x'] as const) {
    const orders = saga.orders.filter((order) => order.leg === leg)
    const [first] = orders
    const approved = signedShares(first.side, first.quantityShares)
    const held = orders.reduce(
      (sum, { side, clientOrderId }) => sum + signedShares(side, booked.get(clientOrderId)?.filled ?? 0),
      0,
    )
    const alive = orders.filter(({ clientOrderId }) => booked.get(clientOrderId)?.status === 'working')
    const worst = alive.reduce(
      (sum, { side, quantityShares, clientOrderId }) =>
        sum + signedShares(side, quantityShares - (booked.get(clientOrderId)?.filled ?? 0)),
      held,
    )
    for (const shares of [held, worst]) {
      expect(shares * Math.sign(approved)).toBeGreaterThanOrEqual(0)
      expect(Math.abs(shares)).toBeLessThanOrEqual(Math.abs(approved))
    }
  }
}

describe('whatever the broker does', () => {
  test.each([
    ['an entry', entry],
    ['an exit', exit],
  ])('%s is never more than was approved, and ends complete, unwound or flagged', (_, start) => {
    fc.assert(
      fc.property(fates, fc.integer({ min: 0, max: 30 }), (script, restart) => {
        const { saga, steps } = run(start(), script, restart)
        const ending = endingOf(saga)
        expect(steps).toBeLessThan(400)
        expect(saga.orders.every(({ state }) => isFinal(state))).toBe(true)
        if (ending?.kind !== 'complete') expect(['unwound', 'exposed']).toContain(ending?.kind)
      }),
      { numRuns: 150 },
    )
  })
})
