import { afterEach, expect, test } from 'vitest'
import { microUsd } from '#domain/money.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import {
  byClientId,
  call,
  calmTape,
  closeAll,
  DAY,
  exchangeAt,
  minute,
  NEXT,
  order,
  read,
  refusal,
  SESSIONS,
  sleepUntil,
} from '../../test/calm-exchange.ts'

afterEach(closeAll)

const said = (text: string) => expect.stringContaining(text)

test('what the owner chooses is respected', async () => {
  const exchange = await exchangeAt()
  const choose = (change: object) => call(exchange, 'PATCH', '/v2/account/configurations', change)
  expect((await choose({ no_shorting: true, max_margin_multiplier: '1' })).body).toMatchObject({
    no_shorting: true,
    pdt_check: 'entry',
  })
  expect(await read(exchange, '/v2/account')).toMatchObject({
    multiplier: '1',
    shorting_enabled: false,
    buying_power: '100000.00',
  })
  expect(await refusal(exchange, { side: 'sell' })).toEqual([403, 40_310_000, 'account is not allowed to short'])
  await choose({ fractional_trading: false })
  expect(await refusal(exchange, { qty: 0.5 })).toEqual([403, 40_310_000, said('fractional')])
  await choose({ suspend_trade: true })
  expect(await read(exchange, '/v2/account')).toMatchObject({ trade_suspended_by_user: true })
  expect(await refusal(exchange, {})).toEqual([403, 40_310_000, 'new orders are rejected by user request'])
  expect((await choose({ max_margin_multiplier: '3' })).status).toBe(422)
})

test('a poor account is refused its fourth day trade, and told how many it had', async () => {
  const exchange = await exchangeAt({ startingCash: microUsd(10_000) })
  for (let n = 0; n < 3; n++) {
    await order(exchange, `in-${n}`)
    await sleepUntil(exchange, minute(2 * n + 1))
    await order(exchange, `out-${n}`, { side: 'sell' })
    await sleepUntil(exchange, minute(2 * n + 2))
  }
  expect(await read(exchange, '/v2/account')).toMatchObject({ daytrade_count: 3, pattern_day_trader: false })
  expect((await order(exchange, 'fourth')).body).toMatchObject({
    code: 40_310_000,
    message: 'trade denied due to pattern day trading protection',
  })
})

test('activities tell everything that moved the cash, by kind and page by page', async () => {
  const exchange = await exchangeAt()
  await order(exchange, 'long', { symbol: 'XOM' })
  await order(exchange, 'short', { side: 'sell' })
  await sleepUntil(exchange, NEXT.opensAt)
  const all = await read(exchange, '/v2/account/activities')
  expect(all.map((a: { activity_type: string }) => a.activity_type)).toEqual(['FEE', 'FEE', 'FEE', 'FILL', 'FILL', 'JNLC'])
  const fees = await read(exchange, '/v2/account/activities/FEE?direction=asc')
  expect(fees.map((a: { activity_sub_type?: string; net_amount: string }) => [a.activity_sub_type, a.net_amount])).toEqual([
    ['REG', '-0.03'],
    ['TAF', '-0.01'],
    [undefined, '-0.01'],
  ])
  expect(await read(exchange, '/v2/account/activities?category=trade_activity')).toHaveLength(2)
  expect(await read(exchange, `/v2/account/activities?date=${SESSIONS[0].date}`)).toEqual([])
  const ids: string[] = []
  for (let token = ''; ; token = `&page_token=${ids.at(-1)}`) {
    const page: { id: string }[] = await read(exchange, `/v2/account/activities?page_size=2${token}`)
    if (page.length === 0) break
    ids.push(...page.map(({ id }) => id))
  }
  expect(ids).toEqual(all.map((a: { id: string }) => a.id))
  expect(await read(exchange, '/v2/account')).toMatchObject({ cash: '99999.95' })
})

test('the portfolio is shown over the period asked for, its profit from where that begins', async () => {
  const exchange = await exchangeAt({
    tape: calmTape((n) => (n >= 5 ? { open: 110, high: 110, low: 110, close: 110 } : undefined)),
  })
  await order(exchange, 'held')
  await sleepUntil(exchange, epochMs(NEXT.opensAt + 3 * MINUTE_MS))
  const history = (query: string) => read(exchange, `/v2/account/portfolio/history?${query}`)
  expect((await history('timeframe=1Min&period=1W')).equity).toHaveLength(393)
  expect(await history('period=1D')).toMatchObject({ timeframe: '1Min', base_value: 100_100, profit_loss: [0, 0, 0] })
  expect(await history('period=1W&timeframe=1D')).toMatchObject({
    equity: [100_100, 100_100],
    profit_loss_pct: [0.001, 0.001],
    cashflow: {},
  })
  expect((await history('period=1W&timeframe=1H')).profit_loss.slice(-2)).toEqual([100, 0])
  expect((await history('period=1W&timeframe=1H&pnl_reset=no_reset')).profit_loss.slice(-2)).toEqual([100, 100])
  const early = `start=${new Date(DAY.opensAt).toISOString()}&end=${new Date(minute(7)).toISOString()}&timeframe=5Min`
  expect((await history(early)).profit_loss).toEqual([0, 100])
  expect((await call(exchange, 'GET', '/v2/account/portfolio/history?period=1X')).status).toBe(422)
})

test('clock and calendars know half days, settlement and the hours around a session', async () => {
  const exchange = await exchangeAt({ startAt: minute(1) })
  const calendar = (query: string) => read(exchange, `/v2/calendar?${query}`)
  expect(await calendar('start=2018-07-03&end=2018-07-05')).toMatchObject([
    { date: '2018-07-03', open: '09:30', close: '13:00', session_close: '1700', settlement_date: '2018-07-05' },
    { date: '2018-07-05' },
  ])
  expect(await calendar('start=2018-07-05&end=2018-07-05&date_type=SETTLEMENT')).toMatchObject([{ date: '2018-07-03' }])
  expect((await call(exchange, 'GET', '/v2/calendar?start=2018-13-01')).status).toBe(422)
  expect(await read(exchange, '/v3/clock?markets=NYSE')).toMatchObject({
    clocks: [{ phase: 'core', is_market_day: true, market: { mic: 'XNYS' } }],
  })
  expect(await read(exchange, '/v3/calendar/NYSE?start=2018-07-03&end=2018-07-03')).toMatchObject({
    calendar: [{ core_end: '2018-07-03T17:00:00.000Z', post_end: '2018-07-03T21:00:00.000Z' }],
  })
})

test('watchlists are made, changed, found by name and removed', async () => {
  const exchange = await exchangeAt()
  const { body: made } = await call(exchange, 'POST', '/v2/watchlists', { name: 'mine', symbols: ['KO'] })
  expect(made).toMatchObject({ name: 'mine', assets: [{ symbol: 'KO', class: 'us_equity' }] })
  const path = `/v2/watchlists/${made.id}`
  expect((await call(exchange, 'POST', path, { symbol: 'XOM' })).body.assets).toHaveLength(2)
  expect((await call(exchange, 'POST', '/v2/watchlists', { name: 'mine' })).status).toBe(422)
  expect(
    (await call(exchange, 'PUT', '/v2/watchlists:by_name?name=mine', { name: 'yours', symbols: ['XOM'] })).body,
  ).toMatchObject({
    id: made.id,
    name: 'yours',
    assets: [{ symbol: 'XOM' }],
  })
  expect((await call(exchange, 'DELETE', `${path}/KO`)).status).toBe(404)
  expect(await read(exchange, '/v2/watchlists')).toMatchObject([{ name: 'yours' }])
  expect((await call(exchange, 'DELETE', path)).status).toBe(204)
  expect((await call(exchange, 'GET', path)).status).toBe(404)
})

test('how a symbol trades may be changed while the exchange runs: assets show it and orders meet it', async () => {
  const exchange = await exchangeAt()
  const change = (body: object) => call(exchange, 'POST', '/sandbox/conditions/KO', body)
  await change({ easy_to_borrow: false, active: false })
  expect(await read(exchange, '/v2/assets/KO')).toMatchObject({
    status: 'inactive',
    tradable: false,
    shortable: true,
    easy_to_borrow: false,
  })
  expect(await read(exchange, '/v2/assets?status=active')).toHaveLength(1)
  expect(await refusal(exchange, {})).toEqual([422, 42_210_000, 'asset "KO" is not tradable'])
  await call(exchange, 'DELETE', '/sandbox/conditions/KO')
  await change({ halted: true })
  await order(exchange, 'halted')
  await sleepUntil(exchange, minute(1))
  expect((await byClientId(exchange, 'halted')).status).toBe('new')
  await change({ halted: false, participation: 0.0005 })
  await sleepUntil(exchange, minute(2))
  expect(await byClientId(exchange, 'halted')).toMatchObject({ status: 'partially_filled', filled_qty: '5' })
  expect((await change({ unheard: true })).status).toBe(422)
})
