import { afterEach, describe, expect, test } from 'vitest'
import { newYorkInstant } from '#domain/calendar.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import { ask, BEFORE, DAY, exchanges, KEYS, minute, NEXT, SESSIONS, sleepUntil } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'
import { newswireOf } from './news.ts'
import { proxiedTape } from './proxied-tape.ts'
import { randomWalkTape } from './random-walk.ts'

const { open, closeAll } = exchanges()
afterEach(closeAll)

type Row = Readonly<Record<string, number>> & { readonly t: string }
const get = async (exchange: OpenExchange, path: string) => (await ask(exchange, path)).body
const day = (date: string) => `start=${date}&end=${date}`
const refused = async (exchange: OpenExchange, path: string) => {
  const { status, body } = await ask(exchange, path)
  return [status, body.code, body.message]
}

describe('bars', () => {
  test('of every size hold the same shares and extremes as their minutes', async () => {
    const exchange = await open({ startAt: NEXT.opensAt })
    const minutes: Row[] = (await get(exchange, `/v2/stocks/KO/bars?timeframe=1Min&limit=10000&${day('2018-03-28')}`)).bars
    expect(minutes).toHaveLength(390)
    for (const size of ['7Min', '1Hour', '1Day']) {
      const bars: Row[] = (await get(exchange, `/v2/stocks/KO/bars?timeframe=${size}&${day('2018-03-28')}`)).bars
      const sum = (rows: Row[], key: 'v' | 'n') => rows.reduce((total, row) => total + row[key], 0)
      expect([sum(bars, 'v'), sum(bars, 'n')]).toEqual([sum(minutes, 'v'), sum(minutes, 'n')])
      expect(Math.max(...bars.map((bar) => bar.h))).toBe(Math.max(...minutes.map((bar) => bar.h)))
      expect([bars[0].o, bars.at(-1)?.c]).toEqual([minutes[0].o, minutes.at(-1)?.c])
      expect(bars.every((bar) => bar.l <= bar.vw && bar.vw <= bar.h)).toBe(true)
    }
  })

  test('of weeks and months are there when their last session has closed', async () => {
    const exchange = await open({ startAt: NEXT.opensAt })
    const asked = (size: string) => get(exchange, `/v2/stocks/bars?symbols=KO&timeframe=${size}&start=2018-01-01`)
    expect((await asked('1Week')).bars).toEqual({})
    await sleepUntil(exchange, NEXT.closesAt)
    const week: Row[] = (await asked('1Week')).bars.KO
    const month: Row[] = (await asked('1Month')).bars.KO
    expect([week[0].t, month[0].t]).toEqual(['2018-03-26T04:00:00.000Z', '2018-03-01T05:00:00.000Z'])
    expect([week[0].v, week[0].o]).toEqual([month[0].v, month[0].o])
  })

  test('go over pages in either order without a gap or a repetition, at most the limit over all symbols', async () => {
    const exchange = await open({ startAt: minute(10) })
    for (const sort of ['asc', 'desc']) {
      const seen: string[] = []
      let token: string | null = ''
      while (token !== null) {
        const query = `symbols=XOM,KO&timeframe=1Min&start=2018-03-28&limit=7&sort=${sort}${token && `&page_token=${token}`}`
        const page: { bars: Record<string, Row[]>; next_page_token: string | null } = await get(
          exchange,
          `/v2/stocks/bars?${query}`,
        )
        const rows = Object.entries(page.bars).flatMap(([symbol, bars]) => bars.map(({ t }) => `${symbol} ${t}`))
        expect(rows.length).toBeLessThanOrEqual(7)
        seen.push(...rows)
        token = page.next_page_token
      }
      const times = Array.from({ length: 10 }, (_, n) => isoFrom(minute(n)))
      const ordered = sort === 'asc' ? times : times.reverse()
      expect(seen).toEqual(['KO', 'XOM'].flatMap((symbol) => ordered.map((t) => `${symbol} ${t}`)))
    }
  })

  test('take a start and an end in every form that clients write', async () => {
    const exchange = await open({ startAt: minute(5) })
    const count = async (span: string) => (await get(exchange, `/v2/stocks/KO/bars?timeframe=1Min&${span}`)).bars.length
    expect(await count('')).toBe(5)
    expect(await count('start=2018-03-28T13:33:00Z')).toBe(2)
    expect(await count('start=2018-03-28T09:33:00.000000-04:00')).toBe(2)
    expect(await count('start=2018-03-28T13%3A33%3A00%2B00%3A00')).toBe(2)
    expect(await count('start=2018-03-28T13:33:00+00:00')).toBe(2)
    expect(await count('start=2018-03-28T13:31:00Z&end=2018-03-28T13:31:00.000000001Z')).toBe(1)
    expect(await count(day('2018-03-27'))).toBe(390)
  })

  test('say what is wrong with a query', async () => {
    const exchange = await open()
    expect(await refused(exchange, '/v2/stocks/bars?timeframe=1Min')).toEqual([400, 40_010_000, 'symbols is required'])
    expect(await refused(exchange, '/v2/stocks/bars?timeframe=1Min&symbols=K$')).toEqual([400, 40_010_000, 'invalid symbol: K$'])
    for (const wrong of [
      'limit=0',
      'limit=10001',
      'timeframe=2Day',
      'start=yesterday',
      'adjustment=none',
      'page_token=%21',
      'sort=up',
      'feed=x',
      'currency=EUR',
    ]) {
      const [status, code, message] = await refused(exchange, `/v2/stocks/bars?symbols=KO&timeframe=1Min&${wrong}`)
      expect([status, code, message]).toEqual([400, 40_010_000, expect.stringContaining('invalid')])
    }
    expect(await refused(exchange, '/v2/stocks/bars?symbols=KO&timeframe=1Min&start=2018-03-28&end=2018-03-27')).toEqual([
      400,
      40_010_000,
      'end should not be before start',
    ])
    expect(await refused(exchange, '/v2/stocks/bars?symbols=KO&timeframe=1Min&feed=sip')).toEqual([
      403,
      40_310_000,
      'subscription does not permit querying recent SIP data',
    ])
  })

  test('of a proxy say whose they are, and those of others do not', async () => {
    const proxies = new Map([['PDFS', 'KO']] as [Symbol_, Symbol_][])
    const tape = proxiedTape(randomWalkTape(3, ['CVX', 'KO', 'XOM'] as Symbol_[], SESSIONS), proxies)
    const exchange = await open({ tape, proxies, startAt: minute(3) })
    const { bars } = await get(exchange, '/v2/stocks/bars?symbols=PDFS,KO&timeframe=1Min')
    expect(bars.PDFS).toEqual(bars.KO.map((bar: Row) => ({ ...bar, proxy: 'KO' })))
    expect(bars.KO.some((bar: Row) => 'proxy' in bar)).toBe(false)
    expect((await get(exchange, '/sandbox/status')).proxies).toEqual({ PDFS: 'KO' })
    expect((await get(exchange, '/v2/assets/PDFS')).name).toContain('bars of KO')
  })
})

describe('adjusted bars', () => {
  const actions = [
    { kind: 'cash-dividend', symbol: 'KO', exDate: '2018-03-28', rate: 1, special: false },
    { kind: 'split', symbol: 'KO', exDate: '2018-03-28', newRate: 4, oldRate: 1 },
    { kind: 'split', symbol: 'KO', exDate: '2018-03-29', newRate: 100, oldRate: 1 },
    { kind: 'spin-off', symbol: 'CVX', exDate: '2018-03-28', newSymbol: 'XOM', newRate: 1, sourceRate: 10 },
  ] as const
  const dayBefore = async (exchange: OpenExchange, symbol: string, adjustment: string): Promise<Row> =>
    (await get(exchange, `/v2/stocks/${symbol}/bars?timeframe=1Day&adjustment=${adjustment}&${day('2018-03-27')}`)).bars[0]

  test('have the scale of what followed the ex-dates that have passed, and of no later one', async () => {
    const exchange = await open({ startAt: epochMs(DAY.closesAt + MINUTE_MS), corporateActions: actions })
    const raw = await dayBefore(exchange, 'KO', 'raw')
    const split = await dayBefore(exchange, 'KO', 'split')
    expect([split.c, split.v]).toEqual([expect.closeTo(raw.c / 4, 5), raw.v * 4])
    expect((await dayBefore(exchange, 'KO', 'dividend')).c).toBeCloseTo(raw.c - 1, 5)
    expect((await dayBefore(exchange, 'KO', 'all')).c).toBeCloseTo((raw.c - 1) / 4, 5)
    expect(await dayBefore(exchange, 'KO', 'split,dividend')).toEqual(await dayBefore(exchange, 'KO', 'all'))
    const given = (await get(exchange, `/v2/stocks/XOM/bars?timeframe=1Day&${day('2018-03-28')}`)).bars[0].c
    expect((await dayBefore(exchange, 'CVX', 'spin-off')).c).toBeCloseTo(
      (await dayBefore(exchange, 'CVX', 'raw')).c - given / 10,
      5,
    )
  })

  test('are on the ex-date itself what was traded', async () => {
    const exchange = await open({ startAt: epochMs(DAY.closesAt + MINUTE_MS), corporateActions: actions })
    const onExDate = (adjustment: string) =>
      get(exchange, `/v2/stocks/KO/bars?timeframe=1Day&adjustment=${adjustment}&${day('2018-03-28')}`)
    expect((await onExDate('raw')).bars).toHaveLength(1)
    expect(await onExDate('all')).toEqual(await onExDate('raw'))
  })

  test('come of the actions that the exchange lists, each from its ex-date on', async () => {
    const exchange = await open({ corporateActions: actions })
    const list = (query: string) => get(exchange, `/v1/corporate-actions?${query}`)
    const { corporate_actions: lists, next_page_token: token } = await list('start=2018-03-01&end=2018-04-30')
    expect(Object.fromEntries(Object.entries(lists).map(([name, rows]) => [name, (rows as object[]).length]))).toEqual({
      forward_splits: 1,
      cash_dividends: 1,
      spin_offs: 1,
    })
    expect(token).toBeNull()
    expect(lists.cash_dividends[0]).toMatchObject({ symbol: 'KO', rate: 1, ex_date: '2018-03-28', foreign: false })
    expect((await list('symbols=CVX&types=spin_off,cash_dividend')).corporate_actions).toMatchObject({
      spin_offs: [{ new_symbol: 'XOM' }],
    })
    const first = await list('start=2018-03-01&end=2018-04-30&limit=2')
    const second = await list(`start=2018-03-01&end=2018-04-30&limit=2&page_token=${first.next_page_token}`)
    expect([second.next_page_token, Object.keys(second.corporate_actions)]).toEqual([null, ['forward_splits']])
    expect((await ask(exchange, '/v1/corporate-actions?types=party')).status).toBe(400)
  })
})

describe('trades, quotes and auctions', () => {
  test('are those that the bars stand for, and say so', async () => {
    const exchange = await open({ startAt: minute(2) })
    const bars: Row[] = (await get(exchange, '/v2/stocks/KO/bars?timeframe=1Min')).bars
    const { trades } = await get(exchange, '/v2/stocks/trades?symbols=KO,XOM')
    expect(trades.KO.map(({ p }: Row) => p)[0]).toBe(bars[0].o)
    expect(trades.KO).toHaveLength(8)
    expect(trades.KO[7]).toMatchObject({ p: bars[1].c, c: ['derived'], z: 'A', t: '2018-03-28T13:31:59.999Z' })
    const page = await get(exchange, '/v2/stocks/KO/quotes?limit=3')
    expect(page.quotes).toHaveLength(3)
    expect(page.quotes[0].bp).toBeLessThanOrEqual(page.quotes[0].ap)
    expect((await get(exchange, `/v2/stocks/KO/quotes?limit=10&page_token=${page.next_page_token}`)).quotes).toHaveLength(5)
  })

  test('of an auction are the first and last print of a session, the last once it has closed', async () => {
    const exchange = await open({ startAt: minute(2) })
    const { auctions } = await get(exchange, '/v2/stocks/auctions?symbols=KO&start=2018-03-27')
    expect(auctions.KO.map(({ d, o, c }: { d: string; o: object[]; c: object[] }) => [d, o.length, c.length])).toEqual([
      ['2018-03-27', 1, 1],
      ['2018-03-28', 1, 0],
    ])
    const [daily] = (await get(exchange, `/v2/stocks/KO/bars?timeframe=1Day&${day('2018-03-27')}`)).bars
    expect([auctions.KO[0].o[0].p, auctions.KO[0].c[0].p]).toEqual([daily.o, daily.c])
  })
})

describe('the latest', () => {
  test('bar, trade, quote and snapshot agree, and show nothing that has not closed', async () => {
    const exchange = await open({ startAt: minute(3) })
    const bars: Row[] = (await get(exchange, '/v2/stocks/KO/bars?timeframe=1Min')).bars
    const { bar } = await get(exchange, '/v2/stocks/KO/bars/latest')
    expect(bar).toEqual(bars[2])
    const snapshots = await get(exchange, '/v2/stocks/snapshots?symbols=KO,XOM,ZZZ')
    expect(Object.keys(snapshots)).toEqual(['KO', 'XOM'])
    const { latestTrade, latestQuote, minuteBar, dailyBar, prevDailyBar } = snapshots.KO
    expect(minuteBar).toEqual(bar)
    expect(latestTrade).toEqual((await get(exchange, '/v2/stocks/trades/latest?symbols=KO')).trades.KO)
    expect(latestQuote).toEqual((await get(exchange, '/v2/stocks/KO/quotes/latest')).quote)
    expect([dailyBar.v, dailyBar.t]).toEqual([bars.reduce((sum, { v }) => sum + v, 0), '2018-03-28T04:00:00.000Z'])
    expect([prevDailyBar]).toEqual((await get(exchange, `/v2/stocks/KO/bars?timeframe=1Day&${day('2018-03-27')}`)).bars)
    expect(await get(exchange, '/v2/stocks/KO/snapshot')).toEqual({ symbol: 'KO', ...snapshots.KO })
    await sleepUntil(exchange, minute(4))
    expect((await get(exchange, '/v2/stocks/KO/snapshot')).dailyBar.v).toBeGreaterThan(dailyBar.v)
  })

  test('of an unknown symbol is 404 alone and left out among others', async () => {
    const exchange = await open()
    expect(await refused(exchange, '/v2/stocks/ZZZ/bars/latest')).toEqual([404, 40_410_000, 'no bar found for ZZZ'])
    expect(await get(exchange, '/v2/stocks/quotes/latest?symbols=ZZZ')).toEqual({ quotes: {} })
  })

  test('of the whole market is screened by what was traded and how far it moved', async () => {
    const exchange = await open({ startAt: minute(30) })
    const { most_actives: actives } = await get(exchange, '/v1beta1/screener/stocks/most-actives?top=2')
    expect(actives).toHaveLength(2)
    expect(actives[0].volume).toBeGreaterThanOrEqual(actives[1].volume)
    const { gainers, losers, market_type: type } = await get(exchange, '/v1beta1/screener/stocks/movers')
    expect([gainers.length + losers.length <= 3, type]).toEqual([true, 'stocks'])
    expect(gainers.every((row: Row) => row.change > 0) && losers.every((row: Row) => row.change < 0)).toBe(true)
  })
})

test('lists of exchanges and conditions name what is derived', async () => {
  const exchange = await open()
  expect((await get(exchange, '/v2/stocks/meta/exchanges')).V).toBe('IEX')
  expect((await get(exchange, '/v2/stocks/meta/conditions/trade?tape=A')).derived).toContain('bar')
  expect((await ask(exchange, '/v2/stocks/meta/conditions/trade?tape=X')).status).toBe(400)
})

describe('news', () => {
  const story = (id: number, at: number, more: object = {}) => ({
    id,
    headline: `Headline ${id}`,
    author: 'A',
    source: 'wire',
    summary: '',
    content: 'text',
    url: undefined,
    symbols: ['KO'],
    images: [],
    createdAt: epochMs(at),
    updatedAt: epochMs(at),
    ...more,
  })
  const news = [
    story(1, BEFORE.opensAt),
    story(2, minute(-1), { content: '', symbols: ['XOM'] }),
    story(3, minute(1)),
    story(4, minute(3)),
  ]
  const ids = (page: { news: { id: number }[] }) => page.news.map(({ id }) => id)

  test('comes newest first, in pages, once its time has come', async () => {
    const exchange = await open({ startAt: minute(2), news: newswireOf(news) })
    const first = await get(exchange, '/v1beta1/news?limit=2')
    expect(ids(first)).toEqual([3, 2])
    expect(ids(await get(exchange, `/v1beta1/news?limit=2&page_token=${first.next_page_token}`))).toEqual([1])
    expect(ids(await get(exchange, '/v1beta1/news?symbols=XOM'))).toEqual([2])
    expect(ids(await get(exchange, '/v1beta1/news?exclude_contentless=True&sort=asc'))).toEqual([1, 3])
    expect(first.news[0]).toMatchObject({ content: '', url: null, created_at: isoFrom(minute(1)) })
    expect((await get(exchange, '/v1beta1/news?include_content=True')).news[0].content).toBe('text')
    expect((await ask(exchange, '/v1beta1/news?limit=51')).status).toBe(400)
  })
})

describe('requests', () => {
  test('carry an id and what is left of the limit, and beyond it are refused', async () => {
    const exchange = await open({ requestsPerMinute: 2 })
    const answers = []
    // A minute of the wall may turn in between; then the count begins anew.
    for (let i = 0; i < 6; i++) answers.push(await ask(exchange, '/v2/stocks/KO/bars/latest'))
    const refusals = answers.filter(({ status }) => status === 429)
    expect(refusals.length).toBeGreaterThanOrEqual(2)
    expect(refusals[0].body).toEqual({ code: 42_910_000, message: 'too many requests.' })
    expect(refusals[0].headers.get('x-ratelimit-remaining')).toBe('0')
    expect(Number(refusals[0].headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 1)
    expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(6)
    expect((await ask(exchange, '/v2/clock')).status).toBe(200)
  })

  test('may carry their keys in each way that Alpaca takes them', async () => {
    const exchange = await open()
    const basic = Buffer.from(`${KEYS.keyId}:${KEYS.secret}`).toString('base64')
    const none = { 'apca-api-key-id': '', 'apca-api-secret-key': '' }
    const status = async (authorization: string, path: string) =>
      (await ask(exchange, path, { headers: { ...none, authorization } })).status
    expect(await status(`Basic ${basic}`, '/v2/stocks/KO/bars/latest')).toBe(200)
    expect(await status(`Bearer ${KEYS.secret}`, '/v2/stocks/KO/bars/latest')).toBe(200)
    expect(await status('Bearer other', '/v1/corporate-actions')).toBe(403)
    expect(await status('Bearer other', '/v2/clock')).toBe(401)
  })
})

test('a clock that stands at midnight in New York has a day to ask about', async () => {
  const exchange = await open({ startAt: newYorkInstant(DAY.date, '00:00') })
  expect(await get(exchange, '/v2/stocks/bars?symbols=KO&timeframe=1Min')).toEqual({ bars: {}, next_page_token: null })
})
