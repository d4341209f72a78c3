import { afterEach, describe, expect, test } from 'vitest'
import {
  call,
  calmTape,
  closeAll,
  DAY,
  exchangeAt,
  KEYS,
  limit,
  listening,
  minute,
  order,
  sleepUntil,
  storyOf,
  tradingSocket,
} from '../../test/calm-exchange.ts'
import { socketTo } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'

afterEach(closeAll)

const authenticate = { action: 'authenticate', data: { key_id: KEYS.keyId, secret_key: KEYS.secret } }
const listen = (...streams: string[]) => ({ action: 'listen', data: { streams } })

describe('the protocol', () => {
  test('takes either form of authentication, and tells what is listened to in place of what was before', async () => {
    const exchange = await exchangeAt()
    const socket = await tradingSocket(exchange)
    for (const message of [
      { action: 'auth', key: KEYS.keyId, secret: KEYS.secret },
      listen('trade_updates', 'other'),
      listen(),
      'x',
      { action: 'sing' },
    ])
      socket.say(message)
    const heard = (await socket.heard(5)).map(({ message }) => message)
    expect(heard).toEqual([
      { stream: 'authorization', data: { status: 'authorized', action: 'authenticate' } },
      { stream: 'listening', data: { streams: ['trade_updates'] } },
      { stream: 'listening', data: { streams: [] } },
      { action: 'error', data: { error_message: 'invalid syntax' } },
      { action: 'error', data: { error_message: 'invalid syntax' } },
    ])
  })

  test('lets nobody listen without keys', async () => {
    const socket = await tradingSocket(await exchangeAt())
    socket.say({ ...authenticate, data: { key_id: KEYS.keyId, secret_key: 'wrong' } })
    socket.say(listen('trade_updates'))
    const heard = (await socket.heard(2)).map(({ message }) => message.data.status)
    expect(heard).toEqual(['unauthorized', 'unauthorized'])
  })

  test('sends binary frames, or text', async () => {
    for (const textFrames of [false, true]) {
      const socket = await tradingSocket(await exchangeAt({ textFrames }))
      socket.say(authenticate)
      expect((await socket.heard(1))[0].isBinary).toBe(!textFrames)
    }
  })
})

describe('a brief account of an order', () => {
  test('tells a group: held, new, filled, the rest of it cancelled, with the legs under their main order', async () => {
    const exchange = await exchangeAt({
      startAt: minute(1),
      tape: calmTape((n) => (n === 3 ? { high: 120, volume: 40 } : n === 4 ? { high: 120 } : undefined)),
    })
    const updates = await listening(exchange)
    const exits = { take_profit: { limit_price: 110 }, stop_loss: { stop_price: 90 } }
    const { body } = await order(exchange, 'b', { order_class: 'bracket', ...exits })
    await sleepUntil(exchange, minute(6))
    const events = await updates.events(10)
    const [profit, stop] = body.legs.map((leg: { client_order_id: string }) => leg.client_order_id)
    expect(storyOf(events)).toEqual([
      'new b',
      `held ${profit}`,
      `held ${stop}`,
      'fill b',
      `new ${profit}`,
      `new ${stop}`,
      `partial_fill ${profit}`,
      `restated ${stop}`,
      `fill ${profit}`,
      `canceled ${stop}`,
    ])
    expect(events[0]).toMatchObject({ order: { legs: [{ status: 'held' }, { status: 'held' }] } })
    expect(events[6]).toMatchObject({
      price: '110.00',
      qty: '4',
      position_qty: '6',
      execution_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(events[7]).toMatchObject({ order: { qty: '6', order_class: 'bracket' } })
  })

  test('tells a replacement of the old order, then the new one', async () => {
    const exchange = await exchangeAt()
    const updates = await listening(exchange)
    const { body } = await order(exchange, 'old', limit(50))
    await call(exchange, 'PATCH', `/v2/orders/${body.id}`, { limit_price: 51, client_order_id: 'new' })
    const events = await updates.events(3)
    expect(storyOf(events)).toEqual(['new old', 'replaced old', 'new new'])
    expect(events[1]).toMatchObject({ order: { status: 'replaced', replaced_by: expect.any(String) } })
  })

  test('tells why an order was rejected after it had been accepted', async () => {
    const exchange = await exchangeAt()
    const updates = await listening(exchange)
    await call(exchange, 'POST', '/sandbox/conditions/KO', { rejection: 'no shares to borrow' })
    expect((await order(exchange, 'doomed', { side: 'sell' })).body.status).toBe('pending_new')
    expect(await updates.events(1)).toMatchObject([
      { event: 'rejected', reason: 'no shares to borrow', order: { status: 'rejected', failed_at: expect.any(String) } },
    ])
  })

  test('tells that a cancel came too late', async () => {
    const exchange = await exchangeAt({ cancelLatencyMs: 1 })
    const updates = await listening(exchange)
    const { body } = await order(exchange, 'race')
    await call(exchange, 'DELETE', `/v2/orders/${body.id}`)
    await sleepUntil(exchange, minute(1))
    expect(storyOf(await updates.events(3))).toEqual(['new race', 'fill race', 'order_cancel_rejected race'])
  })
})

test('a full account of an order tells every state on the way', async () => {
  const exchange = await exchangeAt({
    lifecycle: 'full',
    startAt: minute(1),
    tape: calmTape((n) => (n === 2 ? { high: 120 } : undefined)),
  })
  const updates = await listening(exchange)
  await order(exchange, 'stop', { type: 'stop', stop_price: 110 })
  const { body } = await order(exchange, 'lasting', limit(50, { time_in_force: 'gtc' }))
  await sleepUntil(exchange, DAY.closesAt)
  await call(exchange, 'DELETE', `/v2/orders/${body.id}`)
  await order(exchange, 'queued')
  expect(storyOf(await updates.events(10))).toEqual([
    'pending_new stop',
    'new stop',
    'pending_new lasting',
    'new lasting',
    'stopped stop',
    'fill stop',
    'done_for_day lasting',
    'pending_cancel lasting',
    'canceled lasting',
    'accepted queued',
  ])
})

describe('the faults of the stream', () => {
  const fault = async (exchange: OpenExchange, more: object) =>
    expect((await call(exchange, 'POST', '/sandbox/faults', { stream: 'trading', ...more })).status).toBe(200)

  test('double updates, change their order and keep them back, and the count is of what was sent', async () => {
    const exchange = await exchangeAt()
    const socket = await listening(exchange)
    const sent = async (n: number) => (await sleepUntil(exchange, minute(n))).body.delivered.tradeUpdates
    await fault(exchange, { kind: 'duplicate-frames', count: 1 })
    await order(exchange, 'a')
    expect(await sent(2)).toBe(3)
    await fault(exchange, { kind: 'reorder-frames', count: 1 })
    await order(exchange, 'b')
    expect(await sent(4)).toBe(5)
    await fault(exchange, { kind: 'mute-stream', count: 1 })
    await order(exchange, 'c')
    expect(await sent(6)).toBe(6)
    expect(storyOf(await socket.events(6))).toEqual(['new a', 'new a', 'fill a', 'fill b', 'new b', 'fill c'])
  })

  test('break connections at once, and let nobody back in for a time', async () => {
    const exchange = await exchangeAt()
    const stream = await socketTo(`${exchange.streamUrl}/stream`)
    stream.say(authenticate)
    await stream.heard(1)
    await fault(exchange, { kind: 'refuse-connections', count: 1 })
    await fault(exchange, { kind: 'drop-connection', count: 1 })
    await stream.closed()
    const again = await tradingSocket(exchange)
    again.say(authenticate)
    again.say(authenticate)
    expect((await again.heard(2)).map(({ message }) => message.data.status)).toEqual(['unauthorized', 'authorized'])
  })
})

test('a client that shakes hands in MessagePack hears and says everything in it', async () => {
  const exchange = await exchangeAt()
  const socket = await socketTo(`${exchange.streamUrl}/stream`, { codec: 'msgpack' })
  socket.say(authenticate)
  socket.say(listen('trade_updates'))
  await socket.heard(2)
  await order(exchange, 'a')
  const [authorized, , update] = await socket.heard(3)
  expect([authorized.data.status, update.data.event, update.data.order.client_order_id]).toEqual(['authorized', 'new', 'a'])
})
