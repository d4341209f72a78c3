import { afterEach, expect, test } from 'vitest'
import type { Subscription } from '#domain/broker.ts'
import { randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { connectAlpaca } from '#sources/alpaca/alpaca.client.ts'
import { replayClock } from '#sources/alpaca/replay-clock.client.ts'
import { ask, exchanges, KEYS, minute } from '../exchange.ts'

const { open, closeAll } = exchanges()
afterEach(closeAll)

const SYMBOLS = ['CVX', 'KO', 'XOM'] as Symbol_[]
const ROUNDS = 40

/** Turns of the event loop, as work between two sleeps would take. */
async function busyFor(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
}

test('whoever sleeps wakes with all that was sent, round after round, and a connection that breaks holds nothing up', async () => {
  const random = randomStream(1, 'barrier')
  const exchange = await open()
  const lost: string[] = []
  const alpaca = connectAlpaca({
    ...{ tradingUrl: exchange.url, dataUrl: exchange.url, streamUrl: exchange.streamUrl, ...KEYS, feed: 'iex' },
    onTrouble: ({ code }) => lost.push(code),
  })
  let [bars, updates] = [0, 0]
  let listening: readonly Subscription[] = []
  const listen = async () => {
    for (const one of listening) await one.close()
    const barsHeard = await alpaca.bars.subscribe(SYMBOLS, (some) => {
      bars += some.length
    })
    listening = [barsHeard, await alpaca.broker.tradeUpdates(() => updates++)]
  }
  await listen()
  const clock = await replayClock({ url: exchange.url, consumer: 'desk', received: alpaca })
  let [reached, breaks] = [0, 0]
  for (let round = 0; round < ROUNDS; round++) {
    const isBroken = random.uniform() < 0.2
    if (isBroken) {
      breaks++
      const fault = { kind: 'drop-connection', stream: random.uniform() < 0.5 ? 'data' : 'trading' }
      // Now, or instead of one of the frames that are to come.
      const fraction = random.uniform() < 0.5 ? { fraction: 1, count: 1 } : { fraction: 0.5, seed: round, count: 1 }
      await ask(exchange, '/sandbox/faults', { method: 'POST', body: { ...fault, ...fraction } })
    }
    const order = { symbol: 'KO', qty: 1, side: 'buy', type: 'market', time_in_force: 'day' }
    const placed = ask(exchange, '/v2/orders', { method: 'POST', body: { ...order, client_order_id: `o${round}` } })
    // Whoever lets go of a stream loses what is on its way.
    if (random.uniform() < 0.3) {
      await busyFor(random.below(3))
      await listen()
    }
    await placed
    await busyFor(random.below(4))
    const steps = 1 + random.below(4)
    const [barsBefore, updatesBefore] = [bars, updates]
    reached += steps
    await clock.sleepUntil(minute(reached))
    const isWhole = lost.length === 0
    if (isWhole && !isBroken) expect(bars - barsBefore).toBe(steps * SYMBOLS.length)
    if (isWhole && !isBroken) expect(updates - updatesBefore).toBeGreaterThanOrEqual(1)
    const { body: status } = await ask(exchange, '/sandbox/status')
    if (isWhole && !isBroken) expect(alpaca.received()).toEqual(status.delivered)
    await ask(exchange, '/sandbox/faults', { method: 'DELETE' })
    if (lost.splice(0).length > 0 || isBroken) await listen()
  }
  expect(breaks).toBeGreaterThan(5)
  await clock.close()
  await alpaca.close()
})
