import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Bar } from '#domain/bars.ts'
import type { TradeUpdate } from '#domain/broker.ts'
import type { Fault } from '#domain/fault.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { connectAlpaca } from './alpaca.client.ts'
import { replayClock } from './replay-clock.client.ts'
import { lettingIn, orderOnWire, scriptedExchange, type Talk } from './scripted-exchange.server.ts'

const OPEN = instantFrom('2018-03-28T13:30:00Z')
const XOM = 'XOM' as Symbol_
const BRK = 'BRK.B' as Symbol_

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function listening(...script: Parameters<typeof scriptedExchange>) {
  const exchange = await scriptedExchange(...script)
  closing.push(exchange.close)
  return exchange
}

function connected(url: string) {
  const troubles: Fault[] = []
  const alpaca = connectAlpaca({
    tradingUrl: url,
    dataUrl: url,
    streamUrl: url.replace('http', 'ws'),
    keyId: 'PK',
    secret: 's',
    feed: 'iex',
    onTrouble: (fault) => troubles.push(fault),
  })
  closing.push(alpaca.close)
  return { ...alpaca, troubles }
}

const barOnWire = (minute: number, symbol = 'XOM') => ({
  T: 'b',
  S: symbol,
  o: 1,
  h: 2,
  l: 0.5,
  c: 1.5,
  v: 100,
  t: new Date(OPEN + minute * 60_000),
})
const updateOnWire = (event: string, more: object = {}) => ({
  stream: 'trade_updates',
  data: { event, execution_id: 'e-1', timestamp: '2018-03-28T13:36:00Z', order: orderOnWire, ...more },
})

describe('the stream of bars', () => {
  test('hands on what arrives together in one call, and counts it when it has been dealt with', async () => {
    const exchange = await listening(() => 'cut')
    const alpaca = connected(exchange.url)
    const calls: (readonly Bar[])[] = []
    const countedBefore: number[] = []
    await alpaca.bars.subscribe([XOM, BRK], (bars) => {
      countedBefore.push(alpaca.received().bars)
      calls.push(bars)
    })
    const [talk] = exchange.talks
    expect(talk?.path).toBe('/v2/iex')
    talk?.send([barOnWire(0), barOnWire(0, 'BRK.B')])
    expect(await alpaca.whenReceived({ bars: 2, tradeUpdates: 0 }, 1000)).toEqual({ ok: true, value: 'received' })
    expect(calls).toEqual([
      [{ symbol: XOM, openedAt: OPEN, open: 1, high: 2, low: 0.5, close: 1.5, volumeShares: 100 }, expect.anything()],
    ])
    expect(countedBefore).toEqual([0])
  })

  test('gives each subscriber its symbols over one socket, and closes it with the last', async () => {
    const exchange = await listening(() => 'cut', acknowledgingAll())
    const alpaca = connected(exchange.url)
    const [first, second]: string[][] = [[], []]
    const one = await alpaca.bars.subscribe([XOM], (bars) => first?.push(...bars.map((b) => b.symbol)))
    const two = await alpaca.bars.subscribe([XOM, BRK], (bars) => second?.push(...bars.map((b) => b.symbol)))
    expect(exchange.talks).toHaveLength(1)
    exchange.talks[0]?.send([barOnWire(0), barOnWire(0, 'BRK.B')])
    await alpaca.whenReceived({ bars: 2, tradeUpdates: 0 }, 1000)
    expect([first, second]).toEqual([['XOM'], ['XOM', 'BRK.B']])
    await one.close()
    expect(exchange.talks[0]?.socket.readyState).toBe(1)
    await two.close()
    await vi.waitFor(() => expect(exchange.talks[0]?.socket.readyState).toBe(3))
    expect(alpaca.troubles).toEqual([])
  })

  test('tells its owner of a bar that cannot be read and of a handler that throws, and goes on', async () => {
    const exchange = await listening(() => 'cut')
    const alpaca = connected(exchange.url)
    await alpaca.bars.subscribe([XOM], () => {
      throw new Error('full')
    })
    exchange.talks[0]?.send([{ ...barOnWire(0), c: 'much' }, barOnWire(1)])
    await alpaca.whenReceived({ bars: 2, tradeUpdates: 0 }, 1000)
    expect(alpaca.troubles.map((t) => t.code)).toEqual(['ALPACA_ANSWER_UNDECODABLE', 'ALPACA_CONSUMER_FAILED'])
  })

  test('that closes by itself is told to its owner, and the next subscription opens another', async () => {
    const exchange = await listening(() => 'cut')
    const alpaca = connected(exchange.url)
    await alpaca.bars.subscribe([XOM], () => undefined)
    exchange.talks[0]?.socket.terminate()
    await vi.waitFor(() => expect(alpaca.troubles.map((t) => t.code)).toEqual(['ALPACA_STREAM_CLOSED']))
    await alpaca.bars.subscribe([XOM], () => undefined)
    expect(exchange.talks).toHaveLength(2)
  })

  test('is whole while nobody listens, and after all that it was sent has come, but not once it broke', async () => {
    const exchange = await listening(() => 'cut')
    const alpaca = connected(exchange.url)
    expect(await alpaca.isWhole()).toBe(true)
    let heard = 0
    await alpaca.bars.subscribe([XOM], (bars) => {
      heard += bars.length
    })
    for (let minute = 0; minute < 100; minute++) exchange.talks[0]?.send([barOnWire(minute)])
    expect(await alpaca.isWhole()).toBe(true)
    expect(heard).toBe(100)
    exchange.talks[0]?.socket.terminate()
    expect(await alpaca.isWhole()).toBe(false)
    expect(await alpaca.isWhole()).toBe(false)
  })

  test('that is not let in says so, with the reason that the exchange gave', async () => {
    const exchange = await listening(
      () => 'cut',
      ({ send }) => send([{ T: 'error', code: 402, msg: 'auth failed' }]),
    )
    const subscribing = connected(exchange.url).bars.subscribe([XOM], () => undefined)
    await expect(subscribing).rejects.toMatchObject({
      code: 'ALPACA_STREAM_REFUSED',
      message: expect.stringContaining('auth failed'),
    })
  })

  test('that would need too many symbols is refused', async () => {
    const exchange = await listening(
      () => 'cut',
      (talk, message) =>
        (message as { action: string }).action === 'subscribe'
          ? talk.send([{ T: 'error', code: 405, msg: 'limit' }])
          : lettingIn(talk, message),
    )
    const subscribing = connected(exchange.url).bars.subscribe([XOM], () => undefined)
    await expect(subscribing).rejects.toMatchObject({ message: expect.stringContaining('symbol limit exceeded') })
  })
})

/** As `lettingIn`, but every acknowledgement tells all that is subscribed, as Alpaca's do. */
function acknowledgingAll() {
  const all = new Set<string>()
  return (talk: Talk, message: unknown) => {
    for (const symbol of (message as { bars?: string[] }).bars ?? []) all.add(symbol)
    lettingIn(talk, 'bars' in (message as object) ? { ...(message as object), bars: [...all] } : message)
  }
}

describe('the stream of trade updates', () => {
  test('tells acceptance, executions and endings in order, in binary frames, and counts every message', async () => {
    const exchange = await listening(() => 'cut')
    const alpaca = connected(exchange.url)
    const updates: TradeUpdate[] = []
    await alpaca.broker.tradeUpdates((update) => updates.push(update))
    const [talk] = exchange.talks
    expect(talk?.path).toBe('/stream')
    for (const event of ['pending_new', 'new', 'canceled', 'rejected']) talk?.send(updateOnWire(event))
    talk?.send(updateOnWire('partial_fill', { price: '74.25', qty: '4' }))
    expect(await alpaca.whenReceived({ bars: 0, tradeUpdates: 5 }, 1000)).toMatchObject({ ok: true })
    expect(updates.map((u) => u.kind)).toEqual(['accepted', 'cancelled', 'rejected', 'fill'])
    expect(updates[3]).toEqual({
      clientOrderId: 'c-1',
      brokerOrderId: orderOnWire.id,
      symbol: XOM,
      side: 'sell',
      at: instantFrom('2018-03-28T13:36:00Z'),
      kind: 'fill',
      executionId: 'e-1',
      quantityShares: 4,
      price: 74.25,
      cumulativeShares: 4,
      averagePrice: 74.125,
      isComplete: false,
    })
    expect(alpaca.troubles).toEqual([])
  })

  test('tells its owner of an execution that is taken back', async () => {
    const exchange = await listening(() => 'cut')
    const alpaca = connected(exchange.url)
    await alpaca.broker.tradeUpdates(() => undefined)
    exchange.talks[0]?.send(updateOnWire('trade_bust'))
    await alpaca.whenReceived({ bars: 0, tradeUpdates: 1 }, 1000)
    expect(alpaca.troubles.map((t) => t.code)).toEqual(['ALPACA_ANSWER_UNDECODABLE'])
  })
})

describe('the clock of a replay', () => {
  test('wakes its consumer only when what was sent before has been dealt with', async () => {
    const until = epochMs(OPEN + 300_000)
    const exchange = await listening(({ path }) => ({
      status: 200,
      body: path === '/sandbox/clock/sleep' ? { now: until, delivered: { bars: 1, tradeUpdates: 0 } } : { now: OPEN },
    }))
    const alpaca = connected(exchange.url)
    const heard: string[] = []
    await alpaca.bars.subscribe([XOM], () => heard.push('bar'))
    const clock = await replayClock({ url: exchange.url, consumer: 'rehearsal', received: alpaca })
    expect(await clock.now()).toBe(OPEN)
    const sleeping = clock.sleepUntil(until).then((at) => heard.push(`woken ${at === until}`))
    await vi.waitFor(() => expect(exchange.asked.map((a) => a.path)).toContain('/sandbox/clock/sleep'))
    exchange.talks[0]?.send([barOnWire(0)])
    await sleeping
    expect(heard).toEqual(['bar', 'woken true'])
    await clock.close()
    expect(exchange.asked.map((a) => `${a.method} ${a.path}`)).toEqual([
      'POST /sandbox/clock/consumers',
      'GET /sandbox/clock',
      'POST /sandbox/clock/sleep',
      'DELETE /sandbox/clock/consumers/rehearsal',
    ])
    expect(exchange.asked[2]?.body).toEqual({ consumer: 'rehearsal', until })
  })

  test('says what is missing when streams end before everything sent has arrived', async () => {
    const exchange = await listening(() => ({ status: 200, body: { now: OPEN, delivered: { bars: 7, tradeUpdates: 0 } } }))
    const alpaca = connected(exchange.url)
    const clock = await replayClock({ url: exchange.url, consumer: 'rehearsal', received: alpaca })
    await alpaca.close()
    await expect(clock.sleepUntil(OPEN)).rejects.toMatchObject({
      code: 'REPLAY_DELIVERY_MISSING',
      message: expect.stringContaining('"bars":7'),
    })
    await clock.close()
  })

  test('of an exchange that has closed says so', async () => {
    const exchange = await listening(({ path }) => ({
      status: path === '/sandbox/clock/sleep' ? 503 : 200,
      body: { now: OPEN, message: 'closed' },
    }))
    const clock = await replayClock({ url: exchange.url, consumer: 'rehearsal', received: connected(exchange.url) })
    await expect(clock.sleepUntil(OPEN)).rejects.toMatchObject({ code: 'REPLAY_CLOCK_UNREACHABLE' })
    await clock.close()
  })
})

test('deliveries that do not come are told after the time given', async () => {
  const exchange = await listening(() => 'cut')
  const outcome = await connected(exchange.url).whenReceived({ bars: 1, tradeUpdates: 0 }, 5)
  expect(outcome).toEqual({ ok: false, why: { kind: 'not-delivered', got: { bars: 0, tradeUpdates: 0 } } })
})
