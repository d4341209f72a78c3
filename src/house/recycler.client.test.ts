import { marketData, streaming } from '@alpacahq/alpaca-trade-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RecycledExchange, RecycleRequest } from '#cli/program.ts'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { NewsArticle } from '#domain/news.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { saveArticles } from '#market/news.store.ts'
import { saveSplits } from '#market/splits.store.ts'
import { storedTape } from '#market/tape.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { freshDatabase } from '../../test/database.ts'
import { openRecycler } from './recycler.client.ts'

const SESSIONS = sessionsBetween('2024-07-01' as SessionDate, '2024-07-02' as SessionDate)
const [BEFORE, DAY] = SESSIONS
const KO = 'KO' as Symbol_
const MINUTES = 3

let database: Database
const open: RecycledExchange[] = []

/** A share at 100 that is split two for one before the second session; one article known then, one a minute on, one never. */
beforeAll(async () => {
  database = await freshDatabase()
  for (const [session, price] of [
    [BEFORE, 100],
    [DAY, 50],
  ] as const) {
    const openedAt = Float64Array.from({ length: MINUTES }, (_, i) => session.opensAt + i * MINUTE_MS)
    const prices = openedAt.map(() => price) as Float64Array as PriceColumn
    const columns = {
      open: prices,
      high: prices,
      low: prices,
      close: prices,
      volumeShares: prices as Float64Array as SharesColumn,
    }
    await saveBars(
      database.pool,
      { symbol: KO, openedAt: openedAt as Float64Array as TimeColumn, ...columns },
      { timeframe: '1m', feed: 'iex' },
    )
  }
  await saveSplits(database.pool, [{ effectiveOn: DAY.date, newPerOld: 2 }], {
    ...{ symbol: KO, source: 'yahoo', receivedAt: BEFORE.opensAt },
  })
  for (const [i, receivedAt] of [BEFORE.opensAt, DAY.opensAt + MINUTE_MS, DAY.closesAt + 1].entries()) {
    const article: NewsArticle = {
      ...{ url: `https://news.example/${i}`, title: `Story ${i}`, summary: 'Short.', publisher: 'Wire', author: undefined },
      ...{ publishedAt: epochMs(BEFORE.opensAt - 1_000), symbols: [KO] },
    }
    await saveArticles(database.pool, [article], { source: 'alpaca', receivedAt: epochMs(receivedAt) })
  }
})
afterAll(async () => {
  await Promise.all(open.map((exchange) => exchange.close()))
  await database.close()
})

async function recycled(more: Partial<RecycleRequest> = {}): Promise<RecycledExchange> {
  const { settings } = await readSettingsFiles({})
  const request: RecycleRequest = {
    ...{ port: 0, day: DAY.date, from: undefined, until: undefined, passes: 1, speed: 'max', isShiftedToNow: false },
    ...{ proxies: [], feed: 'iex', faultsFile: undefined, connections: 1, ...more },
  }
  const exchange = await openRecycler({ sql: database.pool, settings, now: DAY.opensAt }, request)
  open.push(exchange)
  return exchange
}

function clientOf({ url, keyId, secret }: RecycledExchange) {
  const configured = new marketData.Configuration({ basePath: url, keyId, secret })
  return {
    stocks: new marketData.StockApi(configured),
    news: async () => (await new marketData.NewsApi(configured).news({ symbols: 'KO' })).news.map(({ headline }) => headline),
    splits: async () =>
      (
        await new marketData.CorporateActionsApi(configured).corporateActions({
          ...{ symbols: 'KO', start: new Date(BEFORE.opensAt), end: new Date(DAY.closesAt) },
        })
      ).corporateActions.forwardSplits,
  }
}

const sleepUntil = ({ url }: RecycledExchange, until: number) =>
  fetch(`${url}/sandbox/clock/sleep`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ consumer: 'test', until }),
  })

test('stored news is told when it was received, over REST and on the stream, to the official client', async () => {
  const exchange = await recycled()
  const { news } = clientOf(exchange)
  expect(await news()).toEqual(['Story 0'])
  const stream = new streaming.NewsStream({
    ...{ credentials: exchange, reconnect: false, url: `${exchange.streamUrl}/v1beta1/news` },
  })
  const heard = new Promise<{ headline?: string | undefined }>((resolve) => stream.onNews(resolve))
  stream.subscribeForNews(['*'])
  const subscribed = new Promise((resolve) => stream.on(streaming.EVENT.SUBSCRIPTION, resolve))
  stream.connect()
  await subscribed
  await sleepUntil(exchange, DAY.closesAt)
  expect(await heard).toMatchObject({ headline: 'Story 1' })
  stream.disconnect()
  expect(await news()).toEqual(['Story 1', 'Story 0'])
})

test('stored splits adjust stored bars from their day on, and are told as corporate actions', async () => {
  const closes = async (exchange: RecycledExchange, adjustment: 'raw' | 'split') => {
    const asked = { symbol: 'KO', timeframe: '1Min', start: new Date(BEFORE.opensAt), end: new Date(DAY.closesAt), adjustment }
    return (await clientOf(exchange).stocks.stockBarSingle(asked)).bars.map(({ c, v }) => [c, v])
  }
  const exchange = await recycled()
  await sleepUntil(exchange, DAY.closesAt)
  const split = [50, 200]
  const after = [50, 50]
  expect(await closes(exchange, 'raw')).toEqual([...Array(MINUTES).fill([100, 100]), ...Array(MINUTES).fill(after)])
  expect(await closes(exchange, 'split')).toEqual([...Array(MINUTES).fill(split), ...Array(MINUTES).fill(after)])
  expect(await clientOf(exchange).splits()).toMatchObject([{ symbol: 'KO', newRate: 2, oldRate: 1 }])
  const earlier = await recycled({ day: BEFORE.date })
  await sleepUntil(earlier, BEFORE.closesAt)
  expect(await closes(earlier, 'split')).toEqual(Array(MINUTES).fill([100, 100]))
  expect(await clientOf(earlier).splits()).toBeUndefined()
})

test('a stored tape can be read for some of its symbols, whose places stay the same', async () => {
  const span = { from: BEFORE.opensAt, until: DAY.closesAt }
  const tape = await storedTape(database.pool, { feed: 'iex', symbols: ['AAA' as Symbol_, KO], ...span })
  const rows = (begin: number, end: number) => tape.rowsBetween(span.from, span.until, { begin, end })
  expect([...(await rows(1, 2)).symbolIndex]).toEqual(Array(2 * MINUTES).fill(1))
  expect((await rows(0, 1)).openedAt).toHaveLength(0)
})

test.each([
  [{ day: '2018-02-30' }, 'DAY_UNREADABLE'],
  [{ day: undefined, from: 'x' }, 'DAY_UNREADABLE'],
  [{ day: '2018-07-04' }, 'DAY_CLOSED'],
  [{ faultsFile: '/nowhere/faults.json' }, 'FAULTS_UNREADABLE'],
])('%j is refused for what it says, whatever is stored', async (wrong, code) => {
  await expect(recycled({ ...wrong, feed: 'nothing' })).rejects.toMatchObject({ code, exitCode: 2 })
})
