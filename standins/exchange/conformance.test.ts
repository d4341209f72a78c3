import { marketData, streaming, trading } from '@alpacahq/alpaca-trade-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { DAY, KEYS, openTestExchange, SESSIONS } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'
import { randomWalkTape } from './random-walk.ts'

const SYMBOLS = ['CVX', 'KO', 'PEP', 'XOM'] as Symbol_[]

/** Alpaca's own client, as it comes from the registry, pointed at the exchange and otherwise unchanged. */
describe('the official client', () => {
  let exchange: OpenExchange
  let configuration: { basePath: string; keyId: string; secret: string }
  const orders = () => new trading.OrdersApi(new trading.Configuration(configuration))
  const sleepUntil = async (until: number): Promise<{ now: number; delivered: { bars: number; tradeUpdates: number } }> => {
    const reply = await fetch(`${exchange.url}/sandbox/clock/sleep`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumer: 'test', until }),
    })
    return JSON.parse(await reply.text())
  }

  beforeAll(async () => {
    exchange = await openTestExchange({
      tape: randomWalkTape(7, SYMBOLS, SESSIONS),
      startAt: epochMs(DAY.opensAt - 60 * MINUTE_MS),
    })
    configuration = { basePath: exchange.url, ...KEYS }
  })
  afterAll(() => exchange.close())

  test('reads account, assets, clock and calendar', async () => {
    const configured = new trading.Configuration(configuration)
    const account = await new trading.AccountsApi(configured).getAccount()
    expect(account).toMatchObject({ status: 'ACTIVE', cash: '100000.00', equity: '100000.00', buyingPower: '200000.00' })
    expect(account.multiplier).toBe('2')
    const asset = await new trading.AssetsApi(configured).getV2AssetsSymbolOrAssetId({ symbolOrAssetId: 'XOM' })
    expect(asset).toMatchObject({ symbol: 'XOM', shortable: false, tradable: true })
    expect(await new trading.AssetsApi(configured).getV2Assets({ status: 'active' })).toHaveLength(4)
    const clock = await new trading.ClockApi(configured).legacyClock()
    expect(clock.isOpen).toBe(false)
    expect(clock.nextOpen?.getTime()).toBe(DAY.opensAt)
    const calendar = await new trading.CalendarApi(configured).legacyCalendar({
      start: new Date('2018-03-28'),
      end: new Date('2018-03-29'),
    })
    expect(calendar.map((day) => [day.date.toISOString().slice(0, 10), day.open, day.close])).toEqual([
      ['2018-03-28', '09:30', '16:00'],
      ['2018-03-29', '09:30', '16:00'],
    ])
  })

  test('streams bars and trade updates, and an order goes from acceptance to its fills', async () => {
    const credentials = KEYS
    const bars: streaming.StreamBar[] = []
    const updates: streaming.TradeUpdate[] = []
    const data = new streaming.StockDataStream({ credentials, url: `${exchange.streamUrl}/v2/iex`, reconnect: false })
    const trades = new streaming.TradingStream({ credentials, url: `${exchange.streamUrl}/stream`, reconnect: false })
    data.onBar((bar) => bars.push(bar))
    trades.onTradeUpdate((update) => updates.push(update))
    const subscribed = Promise.all(
      [data, trades].map((stream) => new Promise((resolve) => stream.on(streaming.EVENT.SUBSCRIPTION, resolve))),
    )
    data.onConnect(() => data.subscribeForBars(['KO', 'XOM']))
    trades.onConnect(() => trades.subscribeTradeUpdates())
    data.connect()
    trades.connect()
    await subscribed

    await sleepUntil(DAY.opensAt + 5 * MINUTE_MS)
    const placed = await orders().postOrder({
      postOrderRequest: { symbol: 'KO', qty: '25', side: 'buy', type: 'market', timeInForce: 'day', clientOrderId: 'c-1' },
    })
    expect(placed).toMatchObject({ status: 'pending_new', qty: '25', filledQty: '0', clientOrderId: 'c-1' })
    const { delivered } = await sleepUntil(DAY.opensAt + 6 * MINUTE_MS)
    expect(delivered).toEqual({ bars: 12, tradeUpdates: 2 })
    while (bars.length < delivered.bars || updates.length < delivered.tradeUpdates) await new Promise(setImmediate)

    expect(bars[0]).toMatchObject({ symbol: 'KO', timestamp: new Date(DAY.opensAt) })
    expect(updates.map((u) => u.event)).toEqual(['new', 'fill'])
    const [, fill] = updates
    expect(fill).toMatchObject({ qty: '25', positionQty: '25', timestamp: new Date(DAY.opensAt + 6 * MINUTE_MS) })
    const next = bars.find((bar) => bar.symbol === 'KO' && bar.timestamp.getTime() === DAY.opensAt + 5 * MINUTE_MS)
    expect(Number(fill.price)).toBeCloseTo((next?.open ?? Number.NaN) * 1.00015, 3)
    expect(fill.order.status).toBe('filled')
    data.disconnect()
    trades.disconnect()
  })

  test('lists, finds, cancels and is refused orders', async () => {
    const resting = await orders().postOrder({
      postOrderRequest: {
        symbol: 'PEP',
        qty: '3',
        side: 'buy',
        type: 'limit',
        limitPrice: '1.5',
        timeInForce: 'gtc',
        clientOrderId: 'c-2',
      },
    })
    expect((await orders().getAllOrders({ status: 'open' })).map((o) => o.clientOrderId)).toEqual(['c-2'])
    expect(await orders().getOrderByClientOrderId({ clientOrderId: 'c-2' })).toMatchObject({ id: resting.id, limitPrice: '1.50' })
    await orders().deleteOrderByOrderID({ orderId: resting.id ?? '' })
    expect(await orders().getOrderByOrderID({ orderId: resting.id ?? '' })).toMatchObject({ status: 'canceled' })
    expect((await orders().getAllOrders({ status: 'closed' })).map((o) => o.clientOrderId)).toEqual(['c-2', 'c-1'])
    await expect(orders().deleteOrderByOrderID({ orderId: resting.id ?? '' })).rejects.toMatchObject({
      response: { status: 422 },
    })
    const again = { symbol: 'PEP', qty: '3', side: 'buy', type: 'market', timeInForce: 'day', clientOrderId: 'c-2' } as const
    await expect(orders().postOrder({ postOrderRequest: again })).rejects.toMatchObject({ response: { status: 422 } })
  })

  test('reads positions, closes them, and reads the executions and the equity', async () => {
    const configured = new trading.Configuration(configuration)
    const positions = new trading.PositionsApi(configured)
    expect(await positions.getAllOpenPositions()).toMatchObject([{ symbol: 'KO', qty: '25', side: 'long' }])
    expect(await positions.deleteOpenPosition({ symbolOrAssetId: 'KO' })).toMatchObject({
      side: 'sell',
      qty: '25',
      positionIntent: 'sell_to_close',
    })
    await sleepUntil(DAY.opensAt + 8 * MINUTE_MS)
    expect(await positions.getAllOpenPositions()).toEqual([])
    await expect(positions.getOpenPosition({ symbolOrAssetId: 'KO' })).rejects.toMatchObject({ response: { status: 404 } })
    const activities = await new trading.AccountActivitiesApi(configured).getAccountActivities({ activityTypes: ['FILL'] })
    expect(activities).toHaveLength(2)
    const history = await new trading.PortfolioHistoryApi(configured).getAccountPortfolioHistory({ timeframe: '1Min' })
    expect(history.equity).toHaveLength(8)
    expect(history.baseValue).toBe(100_000)
  })

  test('pages through history, and never sees a bar that has not closed', async () => {
    const stocks = new marketData.StockApi(new marketData.Configuration(configuration))
    const stamps: string[] = []
    let pageToken: string | undefined
    do {
      const page = await stocks.stockBars({
        symbols: 'XOM,KO',
        timeframe: '1Min',
        start: new Date(DAY.opensAt),
        end: new Date(DAY.closesAt),
        limit: 5,
        ...(pageToken === undefined ? {} : { pageToken }),
      })
      for (const [symbol, bars] of Object.entries(page.bars)) for (const bar of bars) stamps.push(`${symbol} ${bar.t}`)
      pageToken = page.nextPageToken ?? undefined
    } while (pageToken !== undefined)
    expect(stamps).toHaveLength(16)
    expect(stamps.at(0)).toBe('KO 2018-03-28T13:30:00.000Z')
    expect(stamps.at(-1)).toBe('XOM 2018-03-28T13:37:00.000Z')
    const daily = await stocks.stockBarSingle({
      symbol: 'KO',
      timeframe: '1Day',
      start: new Date(SESSIONS[0].opensAt - 36_000_000),
    })
    expect(daily.bars.map((bar) => bar.t)).toEqual([new Date('2018-03-27T04:00:00Z')])
    const latest = await stocks.stockLatestBars({ symbols: 'KO' })
    expect(latest.bars).toMatchObject({ KO: { t: new Date('2018-03-28T13:37:00Z') } })
  })

  test('is told 401 by the trading side and 403 by the data side when its keys are wrong', async () => {
    const wrong = { ...configuration, secret: 'other' }
    await expect(new trading.AccountsApi(new trading.Configuration(wrong)).getAccount()).rejects.toMatchObject({
      response: { status: 401 },
    })
    const stocks = new marketData.StockApi(new marketData.Configuration(wrong))
    await expect(stocks.stockLatestBars({ symbols: 'KO' })).rejects.toMatchObject({ response: { status: 403 } })
  })
})
