import { decode, encode } from '@msgpack/msgpack'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { DAY, exchanges, KEYS, minute, NEXT } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'
import type { ExchangeOptions } from './exchange-options.ts'

const { open: exchangeAt, closeAll } = exchanges()
afterEach(closeAll)

async function call(exchange: OpenExchange, method: string, path: string, body?: object) {
  const reply = await fetch(exchange.url + path, {
    method,
    headers: { 'apca-api-key-id': KEYS.keyId, 'apca-api-secret-key': KEYS.secret, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await reply.text()
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const sleepUntil = (exchange: OpenExchange, until: number, consumer = 'test') =>
  call(exchange, 'POST', '/sandbox/clock/sleep', { consumer, until })
const order = (exchange: OpenExchange, clientOrderId: string, more: object = {}) =>
  call(exchange, 'POST', '/v2/orders', {
    symbol: 'KO',
    qty: 10,
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    client_order_id: clientOrderId,
    ...more,
  })

/** A bare socket that keeps what it hears; `heard` waits for a number of messages. */
async function socketTo(address: string, codec: 'json' | 'msgpack' = 'json') {
  const headers = codec === 'msgpack' ? { 'content-type': 'application/msgpack' } : {}
  const socket = new WebSocket(address, { headers })
  const messages: unknown[] = []
  let isClosed = false
  socket.on('message', (payload: Buffer) => messages.push(codec === 'msgpack' ? decode(payload) : JSON.parse(payload.toString())))
  socket.on('close', () => {
    isClosed = true
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    say: (message: object | string) =>
      socket.send(typeof message === 'string' ? message : codec === 'msgpack' ? encode(message) : JSON.stringify(message)),
    heard: async (count: number) => {
      while (messages.length < count) await new Promise(setImmediate)
      return messages
    },
    closed: async () => {
      while (!isClosed) await new Promise(setImmediate)
    },
  }
}
const AUTH = { action: 'auth', key: KEYS.keyId, secret: KEYS.secret }
const code = (n: number) => [expect.objectContaining({ T: 'error', code: n })]
async function listening(exchange: OpenExchange) {
  const updates = await socketTo(`${exchange.streamUrl}/stream`)
  updates.say({ action: 'authenticate', data: { key_id: KEYS.keyId, secret_key: KEYS.secret } })
  updates.say({ action: 'listen', data: { streams: ['trade_updates', 'account_updates'] } })
  await updates.heard(2)
  return updates
}

describe('the data stream', () => {
  test('greets, authenticates, and acknowledges with every channel', async () => {
    const exchange = await exchangeAt()
    const data = await socketTo(`${exchange.streamUrl}/v2/iex`)
    data.say(AUTH)
    data.say({ action: 'subscribe', bars: ['KO', 'CVX'], trades: ['KO'] })
    data.say({ action: 'unsubscribe', bars: ['CVX'] })
    const [connected, authenticated, , last] = await data.heard(4)
    expect([connected, authenticated]).toEqual([[{ T: 'success', msg: 'connected' }], [{ T: 'success', msg: 'authenticated' }]])
    expect(last).toEqual([
      {
        T: 'subscription',
        trades: ['KO'],
        quotes: [],
        bars: ['KO'],
        updatedBars: [],
        dailyBars: [],
        statuses: [],
        lulds: [],
        imbalances: [],
        corrections: ['KO'],
        cancelErrors: ['KO'],
      },
    ])
  })

  test('answers each mistake with its code', async () => {
    const exchange = await exchangeAt()
    const data = await socketTo(`${exchange.streamUrl}/v2/iex`)
    for (const message of [
      '{',
      { action: 'dance' },
      { action: 'subscribe', bars: ['KO'] },
      AUTH,
      AUTH,
      { action: 'subscribe', news: ['*'] },
    ]) {
      data.say(message)
    }
    expect((await data.heard(7)).slice(1)).toEqual([
      code(400),
      code(400),
      code(401),
      [{ T: 'success', msg: 'authenticated' }],
      code(403),
      code(410),
    ])
    const hangsUp = async (path: string, message: object, expected: number) => {
      const refused = await socketTo(exchange.streamUrl + path)
      refused.say(message)
      expect((await refused.heard(2))[1]).toEqual(code(expected))
      await refused.closed()
    }
    await hangsUp('/v2/iex', { ...AUTH, secret: 'wrong' }, 402)
    await hangsUp('/v2/iex', AUTH, 406)
    await hangsUp('/v2/sip', AUTH, 409)
  })

  test('hangs up with 404 on a client that does not authenticate', async () => {
    const exchange = await exchangeAt({ limits: { authTimeoutMs: 5 } })
    const data = await socketTo(`${exchange.streamUrl}/v2/iex`)
    expect((await data.heard(2))[1]).toEqual(code(404))
    await data.closed()
  })

  test('sends each minute once it has closed, the same in both codecs, and counts what it sent', async () => {
    const seen = await Promise.all(
      (['json', 'msgpack'] as const).map(async (codec) => {
        const exchange = await exchangeAt()
        const data = await socketTo(`${exchange.streamUrl}/v2/iex`, codec)
        data.say(AUTH)
        data.say({ action: 'subscribe', bars: ['*'] })
        await data.heard(3)
        expect((await sleepUntil(exchange, minute(2) - 1)).body).toEqual({
          now: minute(2) - 1,
          delivered: { bars: 3, tradeUpdates: 0 },
        })
        expect((await sleepUntil(exchange, minute(2))).body.delivered.bars).toBe(6)
        return JSON.parse(JSON.stringify((await data.heard(5)).slice(3)))
      }),
    )
    const [json, msgpack] = seen
    expect(msgpack).toEqual(json)
    expect(json.flat().map((bar: { S: string; t: string }) => `${bar.S} ${bar.t}`)).toEqual(
      [0, 1].flatMap((n) => ['CVX', 'KO', 'XOM'].map((symbol) => `${symbol} ${new Date(minute(n)).toISOString()}`)),
    )
    expect(Object.keys(json[0][0])).toEqual(['T', 'S', 't', 'o', 'h', 'l', 'c', 'v', 'n', 'vw'])
  })
})

describe('the clock', () => {
  test('at full speed waits for every consumer that signed on', async () => {
    const exchange = await exchangeAt()
    await call(exchange, 'POST', '/sandbox/clock/consumers', { consumer: 'other' })
    const first = sleepUntil(exchange, minute(5))
    expect((await call(exchange, 'GET', '/sandbox/clock')).body).toMatchObject({ now: DAY.opensAt, speed: 'max' })
    const second = sleepUntil(exchange, minute(3), 'other')
    expect((await second).body.now).toBe(minute(3))
    await call(exchange, 'DELETE', '/sandbox/clock/consumers/other')
    expect((await first).body.now).toBe(minute(5))
  })

  test('closing the exchange answers sleepers with 503 and ends its sockets', async () => {
    const exchange = await exchangeAt()
    await call(exchange, 'POST', '/sandbox/clock/consumers', { consumer: 'other' })
    const updates = await listening(exchange)
    const sleeping = sleepUntil(exchange, minute(5))
    while ((await call(exchange, 'GET', '/sandbox/clock')).body.consumers.length < 2) await new Promise(setImmediate)
    await exchange.close()
    expect((await sleeping).status).toBe(503)
    await updates.closed()
  })
})

describe('orders', () => {
  test('one sent before the open is accepted, becomes new at the open, and executes on the first bar', async () => {
    const exchange = await exchangeAt({ startAt: epochMs(NEXT.opensAt - 60 * MINUTE_MS) })
    const updates = await listening(exchange)
    expect((await order(exchange, 'early')).body).toMatchObject({
      status: 'accepted',
      expires_at: new Date(NEXT.closesAt).toISOString(),
    })
    await sleepUntil(exchange, NEXT.opensAt + MINUTE_MS)
    const events = (await updates.heard(4)).slice(2)
    expect(events).toMatchObject([
      {
        stream: 'trade_updates',
        data: { event: 'new', timestamp: new Date(NEXT.opensAt).toISOString(), order: { status: 'new' } },
      },
      { data: { event: 'fill', timestamp: new Date(NEXT.opensAt + MINUTE_MS).toISOString(), qty: '10', position_qty: '10' } },
    ])
  })

  test('a day order that nobody meets expires at the close', async () => {
    const exchange = await exchangeAt()
    const updates = await listening(exchange)
    const { body } = await order(exchange, 'far', { type: 'limit', limit_price: 1 })
    await sleepUntil(exchange, DAY.closesAt)
    expect((await updates.heard(4))[3]).toMatchObject({ data: { event: 'expired', order: { id: body.id, status: 'expired' } } })
  })

  test('an address that is not served is told so, with the headers of every answer', async () => {
    const exchange = await exchangeAt()
    const elsewhere = await call(exchange, 'GET', '/v2/elsewhere')
    expect([elsewhere.status, elsewhere.body.code]).toEqual([404, 40_410_000])
    expect(elsewhere.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(Number(elsewhere.headers.get('x-ratelimit-remaining'))).toBeGreaterThan(0)
  })

  test('cancelling and closing everything answers for each', async () => {
    const exchange = await exchangeAt()
    await order(exchange, 'held')
    await sleepUntil(exchange, minute(1))
    const { body: resting } = await order(exchange, 'resting', { symbol: 'CVX', type: 'limit', limit_price: 1 })
    const cancelled = await call(exchange, 'DELETE', '/v2/orders')
    expect(cancelled).toMatchObject({ status: 207, body: [{ id: resting.id, status: 200 }] })
    const closing = await call(exchange, 'DELETE', '/v2/positions?cancel_orders=True')
    expect(closing).toMatchObject({ status: 207, body: [{ symbol: 'KO', status: 200, body: { side: 'sell', qty: '10' } }] })
  })
})

/** A day with entries, a partial fill, a cancellation and an exit; what the account looks like afterwards. */
async function tradedDay(exchange: OpenExchange, place: boolean) {
  const steps = [
    { at: minute(5), run: () => order(exchange, 'a', { qty: 1_200 }) },
    { at: minute(7), run: async () => call(exchange, 'DELETE', `/v2/orders/${(await byClientId(exchange, 'a')).id}`) },
    { at: minute(8), run: () => order(exchange, 'b', { symbol: 'CVX', side: 'sell', qty: 40 }) },
  ]
  for (const { at, run } of steps) {
    await sleepUntil(exchange, at)
    if (place) await run()
  }
  await sleepUntil(exchange, NEXT.opensAt)
  const [orders, account, positions, activities] = await Promise.all(
    ['/v2/orders?status=all', '/v2/account', '/v2/positions', '/v2/account/activities'].map((path) =>
      call(exchange, 'GET', path),
    ),
  )
  return JSON.stringify([orders.body, account.body, positions.body, activities.body])
}
const byClientId = async (exchange: OpenExchange, clientOrderId: string) =>
  (await call(exchange, 'GET', `/v2/orders:by_client_order_id?client_order_id=${clientOrderId}`)).body

describe('the same tape and the same orders', () => {
  test('give the same ids, executions and money in another exchange, and neither touches the other', async () => {
    const [one, two, idle] = await Promise.all([exchangeAt(), exchangeAt(), exchangeAt()])
    const [first, second] = await Promise.all([tradedDay(one, true), tradedDay(two, true)])
    expect(second).toBe(first)
    expect(first).toContain('"partial_fill"')
    expect(first).toContain('"canceled"')
    expect((await call(idle, 'GET', '/v2/orders?status=all')).body).toEqual([])
  })

  test('a journal brings a new exchange to the same state', async () => {
    const asked = await tradedDay(await exchangeAt(), true)
    const request = { symbol: 'KO' as Symbol_, side: 'buy', timeInForce: 'day', type: 'market' } as const
    const journal: ExchangeOptions['journal'] = [
      { kind: 'placed', at: minute(5), request: { ...request, clientOrderId: 'a', quantityShares: 1_200 } },
      { kind: 'cancelled', at: minute(7), clientOrderId: 'a' },
      {
        kind: 'placed',
        at: minute(8),
        request: { ...request, clientOrderId: 'b', symbol: 'CVX' as Symbol_, side: 'sell', quantityShares: 40 },
      },
    ]
    expect(await tradedDay(await exchangeAt({ journal }), false)).toBe(asked)
  })
})
