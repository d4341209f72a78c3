import { afterEach, describe, expect, test } from 'vitest'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import {
  byClientId,
  call,
  calmTape,
  closeAll,
  DAY,
  exchangeAt,
  limit,
  minute,
  order,
  read,
  refusal,
  sleepUntil,
} from '../../test/calm-exchange.ts'

afterEach(closeAll)

const said = (text: string) => expect.stringContaining(text)

test('numbers that no market has are refused wherever they stand, and an empty name is none', async () => {
  const exchange = await exchangeAt()
  const why = async (more: object) => (await refusal(exchange, more)).slice(1)
  const bracket = (stop: object, profit: object = { limit_price: 110 }) => ({
    ...{ order_class: 'bracket', take_profit: profit, stop_loss: { stop_price: 90, ...stop } },
  })
  expect(await why(bracket({ stop_price: -90 }))).toEqual([40_010_001, 'stop_loss.stop_price must be > 0'])
  expect(await why(bracket({ limit_price: 0 }))).toEqual([40_010_001, 'stop_loss.limit_price must be > 0'])
  expect(await why(bracket({}, { limit_price: 1e30 }))).toEqual([40_010_001, 'take_profit.limit_price must be <= 1000000000'])
  expect(await why(limit(1e22))).toEqual([40_010_001, 'limit_price must be <= 1000000000'])
  expect(await why({ qty: 1e25 })).toEqual([40_010_001, 'qty must be <= 1000000000'])
  expect(await why({ qty: undefined, notional: 1e30 })).toEqual([40_010_001, 'notional must be <= 1000000000'])
  expect(await why({ side: 'sell', type: 'trailing_stop', trail_percent: 100 })).toEqual([40_010_001, said('< 100')])
  const named = (await order(exchange, '', limit(90))).body.client_order_id
  expect(named).toMatch(/^[0-9a-f-]{36}$/)
  expect((await order(exchange, '', limit(90))).status).toBe(200)
  const { id } = await byClientId(exchange, named)
  const change = { limit_price: 1e22, client_order_id: '' }
  expect((await call(exchange, 'PATCH', `/v2/orders/${id}`, change)).body.message).toBe('limit_price must be <= 1000000000')
})

test('each mistake in the form of an order is told apart, with its code', async () => {
  const exchange = await exchangeAt()
  const why = (more: object) => refusal(exchange, more)
  expect(await why({ side: 'hold' })).toEqual([422, 40_010_001, said('side')])
  expect(await why({ qty: undefined })).toEqual([422, 40_010_001, 'qty or notional is required'])
  expect(await why({ notional: 50 })).toEqual([422, 40_010_001, 'only one of qty or notional is accepted'])
  expect(await why({ qty: '-1' })).toEqual([422, 40_010_001, 'qty must be > 0'])
  expect(await why({ qty: '1.0000000001' })).toEqual([422, 40_010_001, said('9 decimals')])
  expect(await why({ qty: undefined, notional: '0.5' })).toEqual([403, 40_310_000, said('minimal amount of order 1')])
  expect(await why({ qty: undefined, notional: 50, type: 'limit', limit_price: 9 })).toEqual([
    422,
    42_210_000,
    said('market orders'),
  ])
  expect(await why({ qty: 1.5, time_in_force: 'gtc' })).toEqual([422, 42_210_000, 'fractional orders must be DAY orders'])
  expect(await why({ type: 'limit' })).toEqual([422, 40_010_001, 'limit orders require a limit price'])
  expect(await why({ limit_price: 9 })).toEqual([422, 40_010_001, 'market orders require no stop or limit price'])
  expect(await why({ type: 'stop' })).toEqual([422, 40_010_001, said('stop orders require a stop price')])
  expect(await why({ type: 'trailing_stop', trail_price: 1, trail_percent: 1 })).toEqual([
    422,
    40_010_001,
    said('one of trail_price'),
  ])
  expect(await why({ type: 'stop', stop_price: 120, time_in_force: 'ioc' })).toEqual([422, 42_210_000, said('day or gtc')])
  expect(await why({ extended_hours: true })).toEqual([422, 42_210_000, said('DAY or GTC limit orders')])
  expect(await why(limit(9.999))).toEqual([
    422,
    42_210_000,
    said('sub-penny increment does not fulfill minimum pricing criteria'),
  ])
  expect(await why(limit(0.99991))).toEqual([422, 42_210_000, said('sub-penny')])
  expect(await why({ symbol: 'ABC' })).toEqual([422, 42_210_000, 'asset "ABC" not found'])
  expect(await why({ qty: 100_000 })).toEqual([403, 40_310_000, 'insufficient buying power'])
  expect(await why({ symbol: 'XOM', side: 'sell' })).toEqual([422, 42_210_000, 'asset "XOM" cannot be sold short'])
  expect(await why({ position_intent: 'buy_to_close' })).toEqual([422, 42_210_000, said('position intent mismatch')])
  const opg = { time_in_force: 'opg' }
  expect(await why(opg)).toEqual([422, 42_210_000, said('7:00pm')])
  await sleepUntil(exchange, DAY.closesAt - 10 * MINUTE_MS)
  expect(await why({ time_in_force: 'cls' })).toEqual([422, 42_210_000, said('3:50pm')])
})

test('each mistake in a group of orders is told apart', async () => {
  const exchange = await exchangeAt({ startAt: minute(1) })
  const why = (more: object) => refusal(exchange, { order_class: 'bracket', ...more })
  const exits = { take_profit: { limit_price: 110 }, stop_loss: { stop_price: 90 } }
  expect(await why({})).toEqual([422, 40_010_001, said('bracket orders require')])
  expect(await why({ ...exits, order_class: '' })).toEqual([422, 40_010_001, said('simple orders')])
  expect(await why({ ...exits, order_class: 'oto' })).toEqual([422, 40_010_001, said('either')])
  expect(await why({ ...exits, order_class: 'oco' })).toEqual([422, 42_210_000, 'oco orders must be limit orders'])
  expect(await why({ ...exits, time_in_force: 'ioc' })).toEqual([422, 42_210_000, said('DAY or GTC')])
  expect(await why({ ...exits, qty: 1.5 })).toEqual([422, 42_210_000, said('simple orders')])
  expect(await why({ ...exits, side: 'sell' })).toEqual([422, 42_210_000, said('take_profit.limit_price must be <')])
  const near = await order(exchange, 'near', { order_class: 'bracket', ...exits, stop_loss: { stop_price: 100 } })
  expect(near).toMatchObject({ status: 422, body: { message: said('<= base_price - 0.01'), base_price: '100' } })
  expect((await order(exchange, 'far', { order_class: 'bracket', ...exits, stop_loss: { stop_price: 99.99 } })).status).toBe(200)
})

test('an order has every key, and those that its type uses are filled', async () => {
  const exchange = await exchangeAt({ startAt: minute(1) })
  const trailing = (await order(exchange, 't', { type: 'trailing_stop', trail_percent: '1.5' })).body
  expect(trailing).toMatchObject({
    trail_percent: '1.5',
    trail_price: null,
    hwm: '100.00',
    stop_price: '101.50',
    limit_price: null,
  })
  const notional = (await order(exchange, 'n', { qty: undefined, notional: '250' })).body
  expect(notional).toMatchObject({
    qty: null,
    notional: '250.00',
    filled_qty: '0',
    filled_avg_price: null,
    status: 'pending_new',
  })
  expect(Object.keys(notional)).toHaveLength(36)
  await sleepUntil(exchange, minute(2))
  expect(await byClientId(exchange, 'n')).toMatchObject({ status: 'filled', filled_qty: '2.5', filled_avg_price: '100.00' })
  expect(await read(exchange, '/v2/positions/KO')).toMatchObject({ qty: '2.5', qty_available: '2.5', cost_basis: '250.00' })
  const lasting = (await order(exchange, 'g', limit(50, { time_in_force: 'gtc' }))).body
  expect(lasting.expires_at).toBe('2018-06-26T20:15:00.000Z')
})

test('a bracket is listed flat or nested, and ends as a whole', async () => {
  const exchange = await exchangeAt({ startAt: minute(1) })
  const exits = { take_profit: { limit_price: 110 }, stop_loss: { stop_price: 90, limit_price: 89.5 } }
  const { body } = await order(exchange, 'b', { order_class: 'bracket', ...exits })
  expect(body.legs).toMatchObject([
    { type: 'limit', side: 'sell', limit_price: '110.00', status: 'held', order_class: 'bracket' },
    { type: 'stop_limit', side: 'sell', stop_price: '90.00', limit_price: '89.50', status: 'held' },
  ])
  expect(await read(exchange, '/v2/orders')).toHaveLength(3)
  expect(await read(exchange, '/v2/orders?nested=True')).toMatchObject([{ id: body.id, legs: [{}, {}] }])
  await sleepUntil(exchange, minute(2))
  expect(await read(exchange, `/v2/orders/${body.id}?nested=true`)).toMatchObject({
    status: 'filled',
    legs: [{ status: 'new' }, { status: 'new' }],
  })
  expect((await call(exchange, 'DELETE', `/v2/orders/${body.legs[0].id}`)).status).toBe(204)
  expect(await read(exchange, '/v2/orders')).toEqual([])
})

describe('PATCH', () => {
  const thin = calmTape((n) => ({ volume: n < 2 ? 40 : 10_000 }))

  test('keeps what has filled: the new order counts it, and the two name each other', async () => {
    const exchange = await exchangeAt({ tape: thin })
    const { body: first } = await order(exchange, 'first', limit(101))
    await sleepUntil(exchange, minute(1))
    const { status, body: second } = await call(exchange, 'PATCH', `/v2/orders/${first.id}`, {
      qty: '7',
      client_order_id: 'second',
    })
    expect([status, second]).toEqual([
      200,
      expect.objectContaining({ qty: '7', filled_qty: '4', status: 'partially_filled', replaces: first.id }),
    ])
    expect(await byClientId(exchange, 'first')).toMatchObject({
      status: 'replaced',
      replaced_by: second.id,
      replaced_at: minute(1) && expect.any(String),
    })
    await sleepUntil(exchange, minute(3))
    expect(await byClientId(exchange, 'second')).toMatchObject({ status: 'filled', filled_qty: '7' })
    expect(await read(exchange, '/v2/positions/KO')).toMatchObject({ qty: '7' })
  })

  test('of a main order takes its exits along', async () => {
    const exchange = await exchangeAt({ startAt: minute(1) })
    const exits = { take_profit: { limit_price: 110 }, stop_loss: { stop_price: 90 } }
    const { body } = await order(exchange, 'main', limit(99, { order_class: 'bracket', ...exits }))
    const { body: moved } = await call(exchange, 'PATCH', `/v2/orders/${body.id}`, { limit_price: 101 })
    expect(moved.legs).toMatchObject([{ status: 'held' }, { status: 'held' }])
    await sleepUntil(exchange, minute(2))
    const stop = moved.legs[1].id
    const { body: raised } = await call(exchange, 'PATCH', `/v2/orders/${stop}`, { stop_price: 95 })
    const nested = await read(exchange, `/v2/orders/${moved.id}?nested=true`)
    expect(nested.legs.map((leg: { id: string }) => leg.id)).toEqual([moved.legs[0].id, raised.id])
  })

  test('is refused for what has filled, was queued, has no such price, or leaves nothing', async () => {
    const exchange = await exchangeAt({ tape: thin })
    const { body } = await order(exchange, 'first', limit(101))
    await sleepUntil(exchange, minute(1))
    const patch = async (change: object) => {
      const { status, body: told } = await call(exchange, 'PATCH', `/v2/orders/${body.id}`, change)
      return [status, told.message]
    }
    expect(await patch({ qty: 4 })).toEqual([422, said('above the 4 shares')])
    expect(await patch({ stop_price: 4 })).toEqual([422, said('no stop price')])
    expect(await patch({ limit_price: 100.001 })).toEqual([422, said('sub-penny')])
    expect(await patch({})).toEqual([422, said('at least one')])
    expect(await patch({ client_order_id: 'first' })).toEqual([422, 'client_order_id must be unique'])
    await sleepUntil(exchange, minute(3))
    expect(await patch({ qty: 20 })).toEqual([422, said('"filled"')])
    await sleepUntil(exchange, DAY.closesAt)
    const { body: queued } = await order(exchange, 'queued', limit(50))
    expect((await call(exchange, 'PATCH', `/v2/orders/${queued.id}`, { qty: 20 })).body.message).toContain('"accepted"')
    expect((await call(exchange, 'PATCH', '/v2/orders/unknown', { qty: 20 })).status).toBe(404)
  })
})

test('a client id is never used twice, not even after its order was cancelled', async () => {
  const exchange = await exchangeAt()
  const { body } = await order(exchange, 'once', limit(50))
  await call(exchange, 'DELETE', `/v2/orders/${body.id}`)
  expect((await order(exchange, 'once', limit(50))).body).toMatchObject({
    code: 40_010_001,
    message: 'client_order_id must be unique',
  })
})

test('a cancel that takes its time may lose against a fill', async () => {
  const exchange = await exchangeAt({ cancelLatencyMs: MINUTE_MS })
  const { body } = await order(exchange, 'race')
  const { body: resting } = await order(exchange, 'resting', limit(50))
  for (const { id } of [body, resting]) expect((await call(exchange, 'DELETE', `/v2/orders/${id}`)).status).toBe(204)
  expect((await byClientId(exchange, 'race')).status).toBe('pending_cancel')
  expect((await call(exchange, 'DELETE', `/v2/orders/${body.id}`)).body.message).toContain('pending_cancel')
  await sleepUntil(exchange, minute(1))
  expect([(await byClientId(exchange, 'race')).status, (await byClientId(exchange, 'resting')).status]).toEqual([
    'filled',
    'canceled',
  ])
})

test('orders are listed by state, side, symbol, time and place, as many as asked for', async () => {
  const exchange = await exchangeAt()
  const { body: a } = await order(exchange, 'a', limit(50))
  await order(exchange, 'b', limit(50, { symbol: 'XOM' }))
  await sleepUntil(exchange, minute(2))
  const { body: c } = await order(exchange, 'c', limit(150, { side: 'sell' }))
  await call(exchange, 'DELETE', `/v2/orders/${c.id}`)
  const names = async (query: string) =>
    (await read(exchange, `/v2/orders?${query}`)).map((o: { client_order_id: string }) => o.client_order_id).join('')
  expect(await names('')).toBe('ba')
  expect(await names('status=all&direction=asc')).toBe('abc')
  expect(await names('status=closed')).toBe('c')
  expect(await names('status=all&side=sell')).toBe('c')
  expect(await names('symbols=XOM')).toBe('b')
  expect(await names('asset_class=crypto')).toBe('')
  expect(await names('status=all&limit=1')).toBe('c')
  expect(await names(`status=all&until=${new Date(minute(1)).toISOString()}`)).toBe('ba')
  expect(await names(`status=all&direction=asc&after_order_id=${a.id}`)).toBe('bc')
  expect(await names(`status=all&before_order_id=${c.id}`)).toBe('ba')
  expect((await call(exchange, 'GET', '/v2/orders?limit=0')).status).toBe(422)
})

test('a position is closed by shares or by a percentage, never by more than is there', async () => {
  const exchange = await exchangeAt()
  await order(exchange, 'held', { qty: 3 })
  await sleepUntil(exchange, minute(1))
  const close = (query: string) => call(exchange, 'DELETE', `/v2/positions/KO?${query}`)
  expect((await close('percentage=33.333333333')).body).toMatchObject({ qty: '0.999999999', side: 'sell', type: 'market' })
  expect((await close('qty=2')).body).toMatchObject({ qty: '2' })
  expect((await close('qty=1')).body).toMatchObject({
    code: 40_310_000,
    available: '0.000000001',
    held_for_orders: '2.999999999',
    related_orders: [expect.any(String), expect.any(String)],
  })
  expect((await close('percentage=101')).status).toBe(422)
  expect((await close('qty=1&percentage=1')).status).toBe(422)
  expect((await call(exchange, 'DELETE', '/v2/positions/XOM')).status).toBe(404)
})

test('with extended hours replayed an order for them executes before the open, and ends in the evening', async () => {
  const exchange = await exchangeAt({ extendedHours: true, startAt: epochMs(DAY.opensAt - 60 * MINUTE_MS) })
  await order(exchange, 'early', limit(101, { extended_hours: true }))
  await order(exchange, 'core')
  await order(exchange, 'far', limit(50, { extended_hours: true }))
  await sleepUntil(exchange, epochMs(DAY.opensAt - 10 * MINUTE_MS))
  expect([(await byClientId(exchange, 'early')).status, (await byClientId(exchange, 'core')).status]).toEqual([
    'filled',
    'accepted',
  ])
  await sleepUntil(exchange, epochMs(DAY.closesAt + 10 * MINUTE_MS))
  expect([(await byClientId(exchange, 'core')).status, (await byClientId(exchange, 'far')).status]).toEqual(['filled', 'new'])
  await sleepUntil(exchange, epochMs(DAY.closesAt + 240 * MINUTE_MS))
  expect(await byClientId(exchange, 'far')).toMatchObject({ status: 'expired', expired_at: '2018-03-29T00:00:00.000Z' })
})
