import { streaming, trading } from '@alpacahq/alpaca-trade-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { calmTape, closeAll, DAY, exchangeAt, KEYS, minute, NEXT, sleepUntil } from '../../test/calm-exchange.ts'
import type { OpenExchange } from './exchange.server.ts'

/** Alpaca's own client, unchanged, over the whole of the trading side. The high of the third minute reaches 120, the low of the fifth 80. */
describe('the official client', () => {
  let exchange: OpenExchange
  const over = <Api>(make: new (configuration: trading.Configuration) => Api) =>
    new make(new trading.Configuration({ basePath: exchange.url, ...KEYS }))
  const orders = () => over(trading.OrdersApi)
  const updates: streaming.TradeUpdate[] = []
  let stream: streaming.TradingStream

  beforeAll(async () => {
    const tape = calmTape((n) => (n === 2 ? { high: 120 } : n === 4 ? { low: 80 } : undefined))
    exchange = await exchangeAt({ tape, startAt: minute(1) })
    stream = new streaming.TradingStream({ credentials: KEYS, url: `${exchange.streamUrl}/stream`, reconnect: false })
    stream.onTradeUpdate((update) => updates.push(update))
    const subscribed = new Promise((resolve) => stream.on(streaming.EVENT.SUBSCRIPTION, resolve))
    stream.onConnect(() => stream.subscribeTradeUpdates())
    stream.connect()
    await subscribed
  })
  afterAll(async () => {
    stream.disconnect()
    await closeAll()
  })

  const post = (clientOrderId: string, more: Partial<trading.PostOrderRequest>) =>
    orders().postOrder({
      postOrderRequest: { symbol: 'KO', qty: '10', side: 'buy', type: 'market', timeInForce: 'day', clientOrderId, ...more },
    })
  const byId = (id: string | undefined) => orders().getOrderByOrderID({ orderId: id ?? '', nested: true })
  const tolds = async (count: number) => {
    while (updates.length < count) await new Promise(setImmediate)
    return updates.map(({ event }) => event)
  }

  test('places a bracket and follows it to its end', async () => {
    const placed = await post('bracket', {
      orderClass: 'bracket',
      takeProfit: { limitPrice: '110' },
      stopLoss: { stopPrice: '90' },
    })
    expect(placed.legs?.map(({ type, status }) => [type, status])).toEqual([
      ['limit', 'held'],
      ['stop', 'held'],
    ])
    await sleepUntil(exchange, minute(3))
    expect(await byId(placed.id)).toMatchObject({ status: 'filled', legs: [{ status: 'filled' }, { status: 'canceled' }] })
    expect(await tolds(8)).toEqual(['new', 'held', 'held', 'fill', 'new', 'new', 'fill', 'canceled'])
    expect(updates[6]).toMatchObject({ price: '110.00', positionQty: '0', order: { legs: undefined } })
  })

  test('replaces a stop, has it reached, and cancels what is left', async () => {
    const stop = await post('stop', { side: 'sell', type: 'stop', stopPrice: '70' })
    const moved = await orders().patchOrderByOrderId({
      orderId: stop.id ?? '',
      patchOrderRequest: { stopPrice: '85', qty: '12' },
    })
    expect(moved).toMatchObject({ replaces: stop.id, stopPrice: '85.00', qty: '12' })
    await post('trailing', { side: 'sell', type: 'trailing_stop', trailPercent: '10', timeInForce: 'gtc' })
    await sleepUntil(exchange, minute(5))
    expect(await byId(moved.id)).toMatchObject({ status: 'filled', filledQty: '12', filledAvgPrice: '85.00' })
    expect(await byId(stop.id)).toMatchObject({ status: 'replaced', replacedBy: moved.id })
    await post('rest', { symbol: 'XOM', type: 'limit', limitPrice: '50', timeInForce: 'gtc' })
    expect((await orders().deleteAllOrders()).map(({ status }) => status)).toEqual([200])
  })

  test('buys for an amount of money, and closes by a percentage and all at once', async () => {
    await orders().postOrder({
      postOrderRequest: { symbol: 'XOM', notional: '250', side: 'buy', type: 'market', timeInForce: 'day' },
    })
    await sleepUntil(exchange, minute(6))
    const positions = over(trading.PositionsApi)
    expect(await positions.getOpenPosition({ symbolOrAssetId: 'XOM' })).toMatchObject({ qty: '2.5', side: 'long' })
    expect(await positions.deleteOpenPosition({ symbolOrAssetId: 'XOM', percentage: 40 })).toMatchObject({ qty: '1' })
    await sleepUntil(exchange, minute(7))
    const closing = await positions.deleteAllOpenPositions({ cancelOrders: true })
    expect(closing.map(({ symbol, status }) => [symbol, String(status)])).toEqual([
      ['KO', '200'],
      ['XOM', '200'],
    ])
    await sleepUntil(exchange, minute(8))
    expect(await positions.getAllOpenPositions()).toEqual([])
  })

  test('is told of a refusal as the error that its kind has', async () => {
    const wrong = async (more: Partial<trading.PostOrderRequest>) =>
      post(`wrong-${JSON.stringify(more)}`, more).then(
        () => undefined,
        (error: { response: Response }) => error.response.status,
      )
    expect(await wrong({ qty: '99999' })).toBe(403)
    expect(await wrong({ type: 'limit', limitPrice: '1.001' })).toBe(422)
    expect(await wrong({ timeInForce: 'opg' })).toBe(422)
  })

  test('reads and changes configurations, watchlists, activities and history', async () => {
    const configurations = over(trading.AccountConfigurationsApi)
    expect(await configurations.getAccountConfig()).toMatchObject({ maxMarginMultiplier: '2', fractionalTrading: true })
    expect(await configurations.patchAccountConfig({ accountConfigurations: { suspendTrade: true } })).toMatchObject({
      suspendTrade: true,
    })
    const lists = over(trading.WatchlistsApi)
    const made = await lists.postWatchlist({ createWatchlistRequest: { name: 'mine', symbols: ['KO'] } })
    expect(made.assets?.map(({ symbol }) => symbol)).toEqual(['KO'])
    expect((await lists.getWatchlistByName({ name: 'mine' })).id).toBe(made.id)
    await lists.deleteWatchlistById({ watchlistId: made.id })
    expect(await lists.getWatchlists()).toEqual([])
    await sleepUntil(exchange, NEXT.opensAt)
    const fees = await over(trading.AccountActivitiesApi).getAccountActivitiesByActivityType({ activityType: 'FEE' })
    expect(fees.length).toBeGreaterThan(1)
    const history = await over(trading.PortfolioHistoryApi).getAccountPortfolioHistory({ period: '1D', timeframe: '1Min' })
    expect(history.equity.length).toBe(history.timestamp.length)
  })

  test('reads the newer clock and calendar', async () => {
    const { clocks } = await over(trading.ClockApi).clock()
    expect(clocks.map(({ phase, market }) => [phase, market.acronym])).toEqual([['core', 'NYSE']])
    const { calendar } = await over(trading.CalendarApi).calendar({
      market: 'NYSE',
      start: new Date(DAY.opensAt),
      end: new Date(DAY.opensAt),
    })
    expect(calendar.map(({ coreStart }) => coreStart.getTime())).toEqual([DAY.opensAt])
  })
})
