import { afterEach, describe, expect, test } from 'vitest'
import type { OrderRequest } from '#domain/order.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { connectAlpaca } from './alpaca.client.ts'
import { orderOnWire, type Reply, scriptedExchange } from './scripted-exchange.server.ts'

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
  const alpaca = connectAlpaca({
    tradingUrl: url,
    dataUrl: url,
    streamUrl: url.replace('http', 'ws'),
    keyId: 'PK',
    secret: 's',
    feed: 'iex',
    onTrouble: () => undefined,
  })
  closing.push(alpaca.close)
  return alpaca
}

const request: OrderRequest = {
  clientOrderId: 'c-1',
  symbol: XOM,
  side: 'sell',
  quantityShares: 10,
  timeInForce: 'day',
  type: 'market',
}

describe('an order', () => {
  test('goes out as text fields and comes back as a domain order', async () => {
    const exchange = await listening(() => ({ status: 200, body: orderOnWire }))
    const limit = { ...request, type: 'limit', limitPrice: 74.1 } as const
    const placed = await connected(exchange.url).broker.submit(limit)
    expect(exchange.asked).toMatchObject([
      {
        method: 'POST',
        path: '/v2/orders',
        body: { qty: '10', limit_price: '74.10', client_order_id: 'c-1', time_in_force: 'day' },
      },
    ])
    expect(placed).toEqual({
      ok: true,
      value: {
        brokerOrderId: orderOnWire.id,
        clientOrderId: 'c-1',
        symbol: 'XOM',
        side: 'sell',
        quantityShares: 10,
        filledShares: 4,
        averagePrice: 74.125,
        status: 'working',
        submittedAt: instantFrom('2018-03-28T13:35:00.5Z'),
        updatedAt: instantFrom('2018-03-28T13:35:01Z'),
      },
    })
  })

  const answers: [string, Reply, object][] = [
    [
      'a 403 is a refusal with its code',
      { status: 403, body: { code: 40310000, message: 'insufficient buying power' } },
      { kind: 'refused', code: '40310000', reason: 'insufficient buying power' },
    ],
    [
      'a 422 is a refusal',
      { status: 422, body: { code: 42210000, message: 'no' } },
      { kind: 'refused', code: '42210000', reason: 'no' },
    ],
    [
      'a 401 is unauthorised',
      { status: 401, body: { message: 'unauthorized.' } },
      { kind: 'unauthorised', message: 'unauthorized.' },
    ],
    [
      'a 429 says how long to wait',
      { status: 429, headers: { 'retry-after': '3' }, body: { message: 'too many requests.' } },
      { kind: 'rate-limited', retryAfterMs: 3000 },
    ],
    [
      'a 504 leaves it open',
      { status: 504, body: { message: 'gateway timeout' } },
      { kind: 'answer-lost', cause: 'HTTP 504: gateway timeout' },
    ],
    ['a cut connection leaves it open', 'cut', { kind: 'answer-lost' }],
    ['an answer that is no order leaves it open', { status: 200, body: '<html>' }, { kind: 'answer-lost' }],
    ['an order without its fields leaves it open', { status: 200, body: { id: 'x' } }, { kind: 'answer-lost' }],
  ]
  test.each(answers)('%s, and is sent once', async (_, reply, why) => {
    const exchange = await listening(() => reply)
    expect(await connected(exchange.url).broker.submit(request)).toMatchObject({ ok: false, why })
    expect(exchange.asked).toHaveLength(1)
  })

  test('that cannot have left is told from one whose answer is lost', async () => {
    const exchange = await listening(() => 'cut')
    await exchange.close()
    const placed = await connected(exchange.url).broker.submit(request)
    expect(placed).toMatchObject({ ok: false, why: { kind: 'unreachable' } })
  })

  const duplicate = { status: 422, body: { code: 40010001, message: 'client_order_id must be unique' } }
  test('with a client id that the exchange has is looked up and returned', async () => {
    const exchange = await listening(({ method }) => (method === 'POST' ? duplicate : { status: 200, body: orderOnWire }))
    const placed = await connected(exchange.url).broker.submit(request)
    expect(placed).toMatchObject({ ok: true, value: { brokerOrderId: orderOnWire.id } })
    expect(exchange.asked[1]?.path).toBe('/v2/orders:by_client_order_id')
    expect(exchange.asked[1]?.query.get('client_order_id')).toBe('c-1')
  })

  test('with the client id of an order that says something else is refused', async () => {
    const exchange = await listening(({ method }) =>
      method === 'POST' ? duplicate : { status: 200, body: { ...orderOnWire, qty: '11' } },
    )
    const placed = await connected(exchange.url).broker.submit(request)
    expect(placed).toMatchObject({ ok: false, why: { kind: 'refused', code: 'CLIENT_ORDER_ID_TAKEN' } })
  })

  test('that the exchange does not know is undefined, one that it no longer cancels is final', async () => {
    const exchange = await listening(({ method }) =>
      method === 'GET' ? { status: 404, body: { message: 'no' } } : { status: 422, body: {} },
    )
    const { broker } = connected(exchange.url)
    expect(await broker.orderByClientId('c-9')).toEqual({ ok: true, value: undefined })
    expect(await broker.cancel('id')).toEqual({ ok: true, value: 'already-final' })
  })

  test('list longer than a page is asked for page by page', async () => {
    const page = Array.from({ length: 500 }, (_, i) => ({ ...orderOnWire, id: `o-${i}` }))
    const exchange = await listening(({ query }) => ({ status: 200, body: query.has('after_order_id') ? [orderOnWire] : page }))
    const orders = await connected(exchange.url).broker.openOrders()
    expect(orders.ok && orders.value.length).toBe(501)
    expect(exchange.asked[1]?.query.get('after_order_id')).toBe('o-499')
  })
})

describe('the account', () => {
  const account = {
    id: 'e6fe16f3-64a4-4921-8928-cadf02f92f98',
    account_number: 'PA1',
    status: 'ACTIVE',
    cash: '-4000.32',
    equity: '103820.56',
    buying_power: '262113.632',
    shorting_enabled: true,
    trading_blocked: false,
    account_blocked: false,
    trade_suspended_by_user: true,
  }
  test('is decoded to the millionth, blocked when any block is set', async () => {
    const exchange = await listening(() => ({ status: 200, body: account }))
    const value = {
      accountNumber: 'PA1',
      cash: -4000320000n,
      equity: 103820560000n,
      buyingPower: 262113632000n,
      isShortingEnabled: true,
    }
    expect(await connected(exchange.url).broker.account()).toEqual({ ok: true, value: { ...value, isBlocked: true } })
  })

  test('without its cash is a broken contract, not zero', async () => {
    const exchange = await listening(() => ({ status: 200, body: { ...account, cash: undefined } }))
    const question = connected(exchange.url).broker.account()
    await expect(question).rejects.toMatchObject({ code: 'ALPACA_ANSWER_UNDECODABLE', message: expect.stringContaining('cash') })
  })

  test('cannot be read while the exchange is down: an outcome, not an exception', async () => {
    const exchange = await listening(() => ({ status: 503, body: { message: 'maintenance' } }))
    const why = { kind: 'unreachable', cause: 'HTTP 503: maintenance' }
    expect(await connected(exchange.url).broker.account()).toEqual({ ok: false, why })
  })

  test('holds short positions as negative shares, and only the assets asked for are told', async () => {
    const position = { symbol: 'BRK.B', qty: '-3', side: 'short', avg_entry_price: '200.5', current_price: '199' }
    const asset = (symbol: string) => ({ symbol, name: `${symbol} Inc.`, tradable: true, shortable: false })
    const exchange = await listening(({ path }) =>
      path === '/v2/positions'
        ? { status: 200, body: [position] }
        : { status: 200, body: [asset('XOM'), asset('KO'), asset('odd ticker')] },
    )
    const { broker } = connected(exchange.url)
    const held = { symbol: BRK, quantityShares: -3, averageEntryPrice: 200.5, currentPrice: 199 }
    expect(await broker.positions()).toEqual({ ok: true, value: [held] })
    expect(await broker.assets([XOM, BRK])).toEqual({
      ok: true,
      value: [{ symbol: XOM, name: 'XOM Inc.', isTradable: true, isShortable: false }],
    })
  })
})

describe('recorded bars', () => {
  const row = (minute: number) => ({
    t: new Date(OPEN + minute * 60_000).toISOString(),
    o: 10,
    h: 12,
    l: 9,
    c: 11 + minute,
    v: 500,
    n: 3,
    vw: 10.5,
  })
  const pages: Record<string, Reply> = {
    '': { status: 200, body: { bars: { XOM: [row(0)] }, next_page_token: 'a' } },
    a: { status: 200, body: { bars: { XOM: [row(2)], 'BRK.B': [row(1)] }, next_page_token: null } },
  }
  test('are put together from their pages, symbol by symbol', async () => {
    const exchange = await listening(({ query }) => pages[query.get('page_token') ?? ''] ?? 'cut')
    const bars = await connected(exchange.url).history.minuteBars([XOM, BRK], OPEN, epochMs(OPEN + 180_000))
    if (!bars.ok) throw new Error(bars.why.kind)
    expect([...bars.value.keys()]).toEqual([XOM, BRK])
    expect(bars.value.get(XOM)).toMatchObject({
      symbol: XOM,
      openedAt: Float64Array.of(OPEN, OPEN + 120_000),
      close: Float64Array.of(11, 13),
    })
    expect(Object.fromEntries(exchange.asked[1]?.query ?? [])).toMatchObject({
      symbols: 'XOM,BRK.B',
      timeframe: '1Min',
      feed: 'iex',
      start: '2018-03-28T13:30:00.000Z',
      end: '2018-03-28T13:32:59.999Z',
    })
  })

  test('that do not ascend are a broken contract', async () => {
    const exchange = await listening(() => ({ status: 200, body: { bars: { XOM: [row(1), row(1)] }, next_page_token: null } }))
    const question = connected(exchange.url).history.minuteBars([XOM], OPEN, epochMs(OPEN + 180_000))
    await expect(question).rejects.toMatchObject({ code: 'ALPACA_ANSWER_UNDECODABLE' })
  })

  test('asked for with wrong keys are unauthorised', async () => {
    const exchange = await listening(() => ({ status: 403, body: { message: 'forbidden.' } }))
    const bars = await connected(exchange.url).history.minuteBars([XOM], OPEN, epochMs(OPEN + 60_000))
    expect(bars).toEqual({ ok: false, why: { kind: 'unauthorised', message: 'forbidden.' } })
  })
})
