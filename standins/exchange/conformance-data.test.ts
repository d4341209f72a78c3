import { marketData, streaming } from '@alpacahq/alpaca-trade-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { ask, BEFORE, DAY, KEYS, minute, openTestExchange, sleepUntil } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'
import { newswireOf } from './news.ts'

const STORY = {
  ...{
    id: 7,
    headline: 'Soda is in',
    author: 'A. Writer',
    source: 'wire',
    summary: 's',
    content: 'c',
    url: 'http://news.example/7',
  },
  ...{ symbols: ['KO'], images: [{ size: 'thumb' as const, url: 'http://news.example/7.png' }] },
}

/** Alpaca's own client, as it comes from the registry, pointed at the market data of the exchange and otherwise unchanged. */
describe('the official client', () => {
  let exchange: OpenExchange
  let configured: marketData.Configuration
  const stocks = () => new marketData.StockApi(configured)

  beforeAll(async () => {
    exchange = await openTestExchange({
      startAt: minute(10),
      corporateActions: [{ kind: 'split', symbol: 'KO', exDate: '2018-03-28', newRate: 2, oldRate: 1 }],
      halts: [{ symbol: 'KO' as Symbol_, from: minute(20), until: minute(21) }],
      news: newswireOf([
        { ...STORY, createdAt: BEFORE.opensAt, updatedAt: BEFORE.opensAt },
        { ...STORY, id: 8, createdAt: minute(12), updatedAt: minute(12) },
      ]),
    })
    configured = new marketData.Configuration({ basePath: exchange.url, ...KEYS })
  })
  afterAll(() => exchange.close())

  test('reads bars of every kind, and every page of them', async () => {
    const asked = { symbols: 'KO,XOM', start: new Date(BEFORE.opensAt), end: new Date(DAY.closesAt), limit: 500 }
    const counts = new Map<string, number>()
    let pageToken: string | undefined
    do {
      const page = await stocks().stockBars({ ...asked, timeframe: '1Min', ...(pageToken === undefined ? {} : { pageToken }) })
      for (const [symbol, bars] of Object.entries(page.bars)) counts.set(symbol, (counts.get(symbol) ?? 0) + bars.length)
      pageToken = page.nextPageToken ?? undefined
    } while (pageToken !== undefined)
    expect([...counts]).toEqual([
      ['KO', 400],
      ['XOM', 400],
    ])
    const day = { symbol: 'KO', timeframe: '1Day', start: new Date(BEFORE.opensAt - 36_000_000) }
    const [raw] = (await stocks().stockBarSingle(day)).bars
    const [split] = (await stocks().stockBarSingle({ ...day, adjustment: 'split' })).bars
    expect(split.c).toBeCloseTo(raw.c / 2, 5)
    expect([raw.n, raw.vw > raw.l]).toEqual([1560, true])
  })

  test('reads trades, quotes, auctions, the latest and snapshots', async () => {
    const span = { symbols: 'KO', start: new Date(DAY.opensAt), end: new Date(DAY.closesAt) }
    const { trades } = await stocks().stockTrades(span)
    const { quotes } = await stocks().stockQuotes(span)
    expect([trades.KO.length, quotes.KO.length]).toEqual([40, 40])
    expect(trades.KO[0]).toMatchObject({ c: ['derived'], z: 'A' })
    const { auctions } = await stocks().stockAuctions({ ...span, start: new Date(BEFORE.opensAt) })
    expect(auctions.KO).toHaveLength(2)
    const { bars } = await stocks().stockLatestBars({ symbols: 'KO' })
    const { trades: lastTrades } = await stocks().stockLatestTrades({ symbols: 'KO' })
    const { quote } = await stocks().stockLatestQuoteSingle({ symbol: 'KO' })
    expect(lastTrades.KO.p).toBe(bars.KO.c)
    expect([quote.bp <= bars.KO.c, bars.KO.c <= quote.ap]).toEqual([true, true])
    const snapshots = await stocks().stockSnapshots({ symbols: 'KO,XOM' })
    expect(Object.keys(snapshots)).toEqual(['KO', 'XOM'])
    expect(await stocks().stockSnapshotSingle({ symbol: 'KO' })).toMatchObject({
      minuteBar: { t: new Date(minute(9)), c: bars.KO.c },
    })
  })

  test('reads lists, screens, news and corporate actions', async () => {
    expect((await stocks().stockMetaExchanges()).V).toBe('IEX')
    expect(await stocks().stockMetaConditions({ ticktype: 'trade', tape: 'C' })).toHaveProperty('@')
    const screener = new marketData.ScreenerApi(configured)
    expect((await screener.mostActives({ by: 'volume', top: 2 })).mostActives).toHaveLength(2)
    expect((await screener.movers({ marketType: 'stocks', top: 3 })).marketType).toBe('stocks')
    const { news } = await new marketData.NewsApi(configured).news({ symbols: 'KO', includeContent: true })
    expect(news).toMatchObject([{ id: 7, createdAt: new Date(BEFORE.opensAt), content: 'c' }])
    const actions = await new marketData.CorporateActionsApi(configured).corporateActions({
      symbols: 'KO',
      start: new Date('2018-03-01'),
      end: new Date('2018-03-31'),
    })
    expect(actions.corporateActions.forwardSplits).toMatchObject([{ symbol: 'KO', newRate: 2, exDate: new Date('2018-03-28') }])
  })

  test('streams every channel of stocks, and news', async () => {
    const heard: Record<string, { symbol?: string; timestamp?: unknown }[]> = {}
    const note = (channel: string) => (message: object) => {
      heard[channel] = [...(heard[channel] ?? []), message]
    }
    const options = { credentials: KEYS, reconnect: false }
    const data = new streaming.StockDataStream({ ...options, url: `${exchange.streamUrl}/v2/iex` })
    const news = new streaming.NewsStream({ ...options, url: `${exchange.streamUrl}/v1beta1/news` })
    data.onTrade(note('trades')).onQuote(note('quotes')).onBar(note('bars')).onDailyBar(note('dailyBars'))
    data.onUpdatedBar(note('updatedBars')).onStatus(note('statuses')).onLuld(note('lulds')).onImbalance(note('imbalances'))
    news.onNews(note('news'))
    const symbols = ['KO']
    data.subscribeForTrades(symbols)
    data.subscribeForQuotes(symbols)
    data.subscribeForBars(symbols)
    data.subscribeForDailyBars(symbols)
    data.subscribeForUpdatedBars(symbols)
    data.subscribeForStatuses(symbols)
    data.subscribeForLulds(symbols)
    data.subscribeForImbalances(symbols)
    news.subscribeForNews(['*'])
    const subscribed = Promise.all(
      [data, news].map((stream) => new Promise((resolve) => stream.on(streaming.EVENT.SUBSCRIPTION, resolve))),
    )
    data.connect()
    news.connect()
    await subscribed
    await ask(exchange, '/sandbox/faults', { method: 'POST', body: { kind: 'late-trades', symbols, count: 1 } })
    await sleepUntil(exchange, minute(23))
    while ((heard.dailyBars ?? []).length < 12) await new Promise(setImmediate)

    const counts = Object.fromEntries(Object.entries(heard).map(([channel, messages]) => [channel, messages.length]))
    expect(counts).toEqual({
      ...{ trades: 48, quotes: 48, bars: 12, dailyBars: 12, updatedBars: 1, news: 1 },
      ...{ statuses: 2, lulds: 1, imbalances: 1 },
    })
    expect(heard.bars[0]).toMatchObject({ symbol: 'KO', timestamp: new Date(minute(10)) })
    expect(heard.news[0]).toMatchObject({ id: 8, headline: 'Soda is in' })
    data.disconnect()
    news.disconnect()
  })

  test('is told each refusal as the error that it has for it', async () => {
    const wrong = new marketData.StockApi(new marketData.Configuration({ basePath: exchange.url, ...KEYS, secret: 'other' }))
    await expect(wrong.stockLatestBars({ symbols: 'KO' })).rejects.toMatchObject({ response: { status: 403 } })
    await expect(stocks().stockLatestBars({ symbols: 'KO', feed: 'sip' })).rejects.toMatchObject({ response: { status: 403 } })
    await expect(stocks().stockBars({ symbols: 'KO', timeframe: '2Day' })).rejects.toMatchObject({ response: { status: 400 } })
  })
})
