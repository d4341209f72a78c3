import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bar } from '#domain/bars.ts'
import { microUsd } from '#domain/money.ts'
import { epochMs } from '#domain/units.ts'
import { afterBar, bar, close, KO, MODEL, minute, offered, START, terms } from '../../test/calm-market.ts'
import { type Account, openAccount, sharesHeld, workingIn } from './account.ts'
import type { Moment } from './execution-price.ts'
import { capacityOf, executionValue } from './fill-model.ts'
import { type Instruction, limitOf, type Pricing, type Ticket } from './instruction.ts'
import { buyingPower, reservedBy } from './margin.ts'
import { cancel } from './match.ts'
import type { OrderMatched } from './order-event.ts'
import { replace } from './replace.ts'
import { nanoShares } from './shares.ts'

const price = fc.integer({ min: 5_000, max: 20_000 }).map((cents) => cents / 100)
const side = fc.constantFrom('buy' as const, 'sell' as const)
const pricing: fc.Arbitrary<Pricing> = fc.oneof(
  fc.constant({ type: 'market' as const }),
  fc.record({ type: fc.constant('limit' as const), limitPrice: price }),
  fc.record({ type: fc.constant('stop' as const), stopPrice: price }),
  fc.record({ type: fc.constant('stop_limit' as const), stopPrice: price, limitPrice: price }),
  fc.record({
    type: fc.constant('trailing_stop' as const),
    trail: fc.oneof(
      fc.record({ kind: fc.constant('price' as const), usd: price.map((p) => p / 50) }),
      fc.record({ kind: fc.constant('percent' as const), percent: fc.integer({ min: 1, max: 20 }) }),
    ),
  }),
)
const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 400 }).map((n) => ({ kind: 'shares' as const, shares: nanoShares(n) })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 9_999 }).map((n) => ({ kind: 'shares' as const, shares: nanoShares(n / 1_000) })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 100, max: 900_000 }).map((c) => ({ kind: 'value' as const, value: microUsd(c / 100) })),
  },
)

type Step =
  | {
      readonly kind: 'order'
      readonly asked: Omit<Instruction, 'clientOrderId' | 'symbol'>
      readonly group: Ticket['kind']
      readonly width: number
      readonly delay: number
    }
  | {
      readonly kind: 'bar'
      readonly open: number
      readonly span: number
      readonly volume: number
      readonly isHalted: boolean
      readonly moment: Moment
    }
  | { readonly kind: 'cancel'; readonly nth: number }
  | { readonly kind: 'replace'; readonly nth: number; readonly shares: number | undefined; readonly to: number }
  | { readonly kind: 'close' }

const ordered = fc.record({
  kind: fc.constant('order' as const),
  asked: fc.record({
    side,
    size,
    pricing,
    timeInForce: fc.constantFrom('day', 'day', 'day', 'gtc', 'ioc', 'fok', 'opg', 'cls'),
    isExtendedHours: fc.boolean(),
  }),
  group: fc.constantFrom('simple', 'simple', 'simple', 'bracket', 'oto', 'oco'),
  width: price.map((p) => p / 40),
  delay: fc.integer({ min: 0, max: 2 }),
})
const recorded = fc.record({
  kind: fc.constant('bar' as const),
  open: price,
  span: fc.double({ min: 0, max: 12, noNaN: true }),
  volume: fc.integer({ min: 0, max: 3_000 }),
  isHalted: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  moment: fc.constantFrom<Moment[]>('regular', 'regular', 'regular', 'opening', 'closing', 'extended'),
})
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: ordered },
    { weight: 7, arbitrary: recorded },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(4) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('replace' as const),
        nth: fc.nat(4),
        shares: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
        to: price,
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'close' as const }) },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)

/** The ticket of a step: exits lie on both sides of 100, `width` away. */
function ticketOf({ asked, group, width }: Step & { readonly kind: 'order' }, n: number): Ticket {
  const main: Instruction = { ...asked, symbol: KO, clientOrderId: `o${n}` }
  if (group === 'simple') return { kind: 'simple', main }
  const whole: Instruction = { ...main, size: { kind: 'shares', shares: nanoShares(1 + (n % 9) * 20) }, timeInForce: 'day' }
  const sign = (group === 'oco' ? main.side === 'sell' : main.side === 'buy') ? 1 : -1
  const exits = group === 'oco' ? main.side : main.side === 'buy' ? 'sell' : 'buy'
  const profit: Instruction = {
    ...whole,
    side: exits,
    clientOrderId: `o${n}p`,
    pricing: { type: 'limit', limitPrice: 100 + sign * width },
  }
  const loss: Instruction = {
    ...whole,
    side: exits,
    clientOrderId: `o${n}s`,
    pricing: { type: 'stop', stopPrice: 100 - sign * width },
  }
  const stop = { role: 'stop-loss' as const, instruction: loss }
  if (group === 'oco') return { kind: 'oco', main: { ...profit, clientOrderId: `o${n}` }, exits: [stop] }
  return group === 'oto'
    ? { kind: 'oto', main: whole, exits: [stop] }
    : { kind: 'bracket', main: whole, exits: [{ role: 'take-profit', instruction: profit }, stop] }
}

type Seen = { readonly event: OrderMatched; readonly met: { readonly bar: Bar; readonly isHalted: boolean } | undefined }
type Told = { readonly account: Account; readonly events: readonly OrderMatched[] }

/** What one step does, one minute after the one before; undefined when it is refused. */
function taken(account: Account, step: Step, n: number): Told | undefined {
  switch (step.kind) {
    case 'order': {
      const outcome = offered(account, ticketOf(step, n), { at: epochMs(minute(n + step.delay) + 1) })
      return outcome.ok ? { account: outcome.value.account, events: [] } : undefined
    }
    case 'cancel':
      return cancel(account, workingIn(account, KO).at(step.nth)?.instruction.clientOrderId ?? 'none', minute(n))
    case 'replace': {
      const order = workingIn(account, KO).at(step.nth)
      const change = { clientOrderId: `r${n}`, limitPrice: step.to, stopPrice: step.to, trail: undefined, timeInForce: undefined }
      const shares = step.shares === undefined ? undefined : nanoShares(step.shares)
      const outcome =
        order && replace(account, order.instruction.clientOrderId, { ...terms({ at: minute(n) }), change: { ...change, shares } })
      return outcome?.ok ? { account: outcome.value.account, events: [] } : undefined
    }
    case 'bar':
      return afterBar(account, barOf(step, n), step)
    case 'close':
      return close(account)
    default:
      return step satisfies never
  }
}

function barOf({ open, span, volume }: Step & { readonly kind: 'bar' }, n: number): Bar {
  return bar(n, { open, high: open + span, low: open - span, close: open, volumeShares: volume })
}

/** Runs the steps; `check` sees the account after each of them. */
function walk(
  sequence: readonly Step[],
  check: (account: Account) => void,
): { readonly account: Account; readonly seen: readonly Seen[] } {
  let account = openAccount(START)
  const seen: Seen[] = []
  sequence.forEach((step, n) => {
    const told = taken(account, step, n)
    if (told === undefined) return
    account = told.account
    const met = step.kind === 'bar' ? { bar: barOf(step, n), isHalted: step.isHalted } : undefined
    seen.push(...told.events.map((event) => ({ event, met })))
    check(account)
  })
  return { account, seen }
}

describe('after any sequence of orders, groups, cancels, replacements, bars, halts and closes', () => {
  test('cash, cost, profit, fees and borrow balance to the micro-dollar, and the executions alone explain cash and shares', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { account, seen } = walk(sequence, (after) => {
          const cost = [...after.positions.values()].reduce((sum, p) => sum + p.cost, 0n)
          expect(after.cash).toBe(after.startingCash + after.realised - cost - after.feesPaid - after.borrowPaid)
        })
        let [paid, shares] = [0n, 0n]
        for (const { event } of seen) {
          if (event.kind !== 'fill') continue
          const sign = event.order.instruction.side === 'buy' ? 1n : -1n
          paid += sign * executionValue(event.order.instruction.side, event.price, event.quantity)
          shares += sign * event.quantity
        }
        expect(account.cash).toBe(START - paid - account.feesPaid - account.borrowPaid)
        expect(sharesHeld(account, KO)).toBe(shares)
      }),
      { numRuns: 150 },
    )
  })

  test('what is reserved and what may still be spent are never below 0, and no order has filled more than it may', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        walk(sequence, (account) => {
          expect(reservedBy(account, () => 100)).toBeGreaterThanOrEqual(0)
          expect(buyingPower(account, terms()).available).toBeGreaterThanOrEqual(0)
          for (const { filled, most, filledValue, instruction } of workingIn(account, KO)) {
            if (most !== undefined) expect(filled).toBeLessThan(most)
            if (instruction.size.kind === 'value') expect(filledValue).toBeLessThanOrEqual(instruction.size.value)
          }
        })
      }),
      { numRuns: 100 },
    )
  })

  test('nothing executes in a halt, beyond a limit, above participation, on a bar from before the order, or after its end', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const ended = new Set<string>()
        for (const { event, met } of walk(sequence, () => undefined).seen) {
          const { instruction, acceptedAt, filled, most } = event.order
          expect(ended.has(instruction.clientOrderId)).toBe(false)
          if (event.kind === 'cancelled' || event.kind === 'expired') ended.add(instruction.clientOrderId)
          if (event.kind !== 'fill' || met === undefined) continue
          expect(met.isHalted).toBe(false)
          expect(met.bar.openedAt).toBeGreaterThanOrEqual(acceptedAt)
          expect(event.quantity).toBeLessThanOrEqual(capacityOf(met.bar, MODEL))
          if (most !== undefined) expect(filled).toBeLessThanOrEqual(most)
          const limit = limitOf(instruction.pricing)
          if (limit !== undefined && instruction.side === 'buy') expect(event.price).toBeLessThanOrEqual(limit)
          if (limit !== undefined && instruction.side === 'sell') expect(event.price).toBeGreaterThanOrEqual(limit)
          if (event.isComplete) ended.add(instruction.clientOrderId)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('an exit never opens a position', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        for (const { event } of walk(sequence, () => undefined).seen) {
          if (event.kind !== 'fill' || event.order.isOpening) continue
          const before = event.position - (event.order.instruction.side === 'buy' ? event.quantity : -event.quantity)
          expect(before).not.toBe(0n)
          expect(event.position === 0n || event.position > 0n === before > 0n).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })
})
