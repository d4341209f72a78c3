import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { ask, exchanges, minute, NEXT, sleepUntil } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'

const { open, closeAll } = exchanges()
afterEach(closeAll)

const symbol = fc.constantFrom('KO', 'XOM', 'CVX')
const body = fc.record({
  symbol,
  side: fc.constantFrom('buy', 'sell'),
  form: fc.constantFrom<object[]>(
    { type: 'market', qty: 30 },
    { type: 'market', qty: '0.37' },
    { type: 'market', notional: 750.25 },
    { type: 'trailing_stop', qty: 20, trail_percent: 0.1 },
    { type: 'market', qty: 400, time_in_force: 'ioc' },
    { type: 'market', qty: 10, time_in_force: 'cls' },
  ),
})
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('order' as const), body }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('bracket' as const), symbol, isBought: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const), qty: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), symbol }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function priceOf(exchange: OpenExchange, of: string): Promise<number> {
  return (await ask(exchange, `/v2/stocks/${of}/trades/latest`)).body.trade.p
}

/** Whether an order is taken or refused does not matter here. */
async function take(exchange: OpenExchange, done: Step): Promise<void> {
  switch (done.kind) {
    case 'order': {
      const { form, ...named } = done.body
      await ask(exchange, '/v2/orders', { method: 'POST', body: { time_in_force: 'day', ...named, ...form } })
      return
    }
    case 'bracket': {
      const price = await priceOf(exchange, done.symbol)
      const [above, below] = [1.001, 0.999].map((factor) => (price * factor).toFixed(2))
      const exits = done.isBought ? [above, below] : [below, above]
      const group = { order_class: 'bracket', take_profit: { limit_price: exits[0] }, stop_loss: { stop_price: exits[1] } }
      const main = { symbol: done.symbol, side: done.isBought ? 'buy' : 'sell', qty: 40, type: 'market', time_in_force: 'day' }
      await ask(exchange, '/v2/orders', { method: 'POST', body: { ...main, ...group } })
      return
    }
    case 'replace': {
      const [order] = (await ask(exchange, '/v2/orders?limit=1')).body
      if (order) await ask(exchange, `/v2/orders/${order.id}`, { method: 'PATCH', body: { qty: done.qty } })
      return
    }
    case 'close':
      await ask(exchange, `/v2/positions/${done.symbol}`, { method: 'DELETE' })
      return
    case 'wait':
      return
    default:
      return done satisfies never
  }
}

type Activity = Readonly<Record<'symbol' | 'side' | 'price' | 'qty' | 'net_amount' | 'order_id', string>>

async function activitiesOf(exchange: OpenExchange): Promise<readonly Activity[]> {
  const all: Activity[] = []
  for (let token = ''; ; ) {
    const { body: page } = await ask(exchange, `/v2/account/activities?page_size=20&page_token=${token}`)
    if (page.length === 0) return all
    all.push(...page)
    token = page.at(-1).id
  }
}

const MICRO = 1_000_000
/** Each execution of parts of a share is rounded to the micro-dollar. */
const tolerance = (fills: readonly Activity[]) => (fills.length + 1) / MICRO

function signed({ side, qty }: Activity): number {
  return side === 'buy' ? Number(qty) : -Number(qty)
}

test('what the account tells over the wire adds up: executions, fees and borrow are the cash, executions the shares', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 30, size: 'max' }), async (steps) => {
      const exchange = await open({ startAt: minute(1) })
      for (const [n, done] of steps.entries()) {
        await take(exchange, done)
        if (done.kind === 'wait') await sleepUntil(exchange, minute(2 + n))
      }
      // Over a night, so that fees and borrow are paid.
      await sleepUntil(exchange, NEXT.opensAt)
      const [account, positions, activities] = [
        (await ask(exchange, '/v2/account')).body,
        (await ask(exchange, '/v2/positions')).body,
        await activitiesOf(exchange),
      ]
      const fills = activities.filter(({ side }) => side !== undefined)
      const paid = fills.reduce((sum, fill) => sum - signed(fill) * Number(fill.price), 0)
      const moved = activities.reduce((sum, { net_amount: amount = '0' }) => sum + Number(amount), 0)
      const cash = Number(account.cash) + Number(account.accrued_fees)
      expect(Math.abs(cash - paid - moved)).toBeLessThan(tolerance(fills))
      const worth = positions.reduce((sum: number, held: { market_value: string }) => sum + Number(held.market_value), 0)
      expect(Number(account.equity)).toBeCloseTo(Number(account.cash) + worth, 4)
      for (const held of positions) {
        const shares = fills.filter((fill) => fill.symbol === held.symbol).reduce((sum, fill) => sum + signed(fill), 0)
        expect(Number(held.qty)).toBeCloseTo(shares, 9)
      }
      const orders = (await ask(exchange, '/v2/orders?status=all&limit=500')).body
      for (const { id, filled_qty: filled } of orders) {
        const own = fills.filter((fill) => fill.order_id === id).reduce((sum, fill) => sum + Number(fill.qty), 0)
        expect(Number(filled)).toBeCloseTo(own, 9)
      }
      await closeAll()
    }),
    { numRuns: 8 },
  )
})
