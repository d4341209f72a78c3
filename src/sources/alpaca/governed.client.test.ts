import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { connectAlpaca } from './alpaca.client.ts'
import { exchangeDirectory } from './assets.client.ts'
import { connectAlpacaNews } from './news.client.ts'
import { createRateGovernor } from './rate-governor.ts'
import { type Reply, scriptedExchange } from './scripted-exchange.server.ts'
import { virtualTimer } from './virtual-timer.client.ts'

const KEYS = { keyId: 'k', secret: 's' }
const KO = 'KO' as Symbol_
const DAY = '2018-03-28' as SessionDate
const NOW = instantFrom('2018-03-28T14:00:00Z')
const span = { from: epochMs(NOW - 1000), until: NOW, limit: 10 }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** What one account asks, of its trading host and of its data host; without a limit unless one is given. */
async function clients(answer: (path: string) => Reply, requestsPerMinute?: number) {
  const { url, asked, close } = await scriptedExchange(({ path }) => answer(path))
  closing.push(close)
  const timer = virtualTimer(NOW)
  const host = () => ({ governor: createRateGovernor(timer, requestsPerMinute), timer, random: () => 0.5 })
  const governed = { trading: host(), data: host() }
  const { calendar } = exchangeDirectory({ ...KEYS, tradingUrl: url, governed: governed.trading })
  const { articles } = connectAlpacaNews({ ...KEYS, dataUrl: url, governed: governed.data })
  const { broker, history } = connectAlpaca({
    ...{ ...KEYS, tradingUrl: url, dataUrl: url, streamUrl: url, feed: 'iex', governed },
    onTrouble: () => undefined,
  })
  return {
    timer,
    paths: () => asked.map(({ path }) => path),
    askCalendar: () => calendar(DAY, DAY),
    askOrder: () => broker.orderByClientId('c-1'),
    askNews: () => articles([], span),
    askBars: () => history.minuteBars([KO], span.from, span.until),
  }
}

function empty(path: string): Reply {
  if (path.includes('order')) return { status: 404, body: { code: 40_410_000, message: 'order not found' } }
  if (path.includes('news')) return { status: 200, body: { news: [], next_page_token: null } }
  return { status: 200, body: path.includes('bars') ? { bars: {}, next_page_token: null } : [] }
}

async function settled() {
  for (let i = 0; i < 20; i++) await setImmediate()
}

test('clients of one host share its rate: what one has sent the other waits for', async () => {
  const { timer, paths, askCalendar, askOrder } = await clients(empty, 6)
  expect(await askCalendar()).toEqual({ ok: true, value: [] })
  const waiting = askOrder()
  await settled()
  expect(paths()).toEqual(['/v2/calendar'])
  expect(await timer.through(waiting)).toEqual({ ok: true, value: undefined })
  expect(timer.now() - NOW).toBeGreaterThan(9_000)
})

test('an order waits for no page of data, while flows still take turns at those', async () => {
  const { timer, paths, askOrder, askNews, askBars } = await clients(empty, 6)
  const pages = [askBars(), askBars(), askBars(), askNews()]
  expect(await askOrder()).toEqual({ ok: true, value: undefined })
  expect(timer.now()).toBe(NOW)
  await timer.through(Promise.all(pages))
  expect(paths().filter((path) => !path.includes('order'))).toEqual([
    ...['/v2/stocks/bars', '/v2/stocks/bars', '/v1beta1/news', '/v2/stocks/bars'],
  ])
})

test('a refusal for asking too much holds every client of the host back for as long as it says, and no other', async () => {
  const refusing = (path: string): Reply =>
    path.includes('calendar')
      ? { status: 429, headers: { 'retry-after': '20' }, body: { message: 'too many requests.' } }
      : empty(path)
  const { timer, paths, askCalendar, askOrder, askNews } = await clients(refusing)
  expect(await askCalendar()).toMatchObject({ ok: false, why: { kind: 'rate-limited' } })
  const waiting = askOrder()
  await askNews()
  await settled()
  expect(paths()).toEqual(['/v2/calendar', '/v1beta1/news'])
  await timer.through(waiting)
  expect(timer.now() - NOW).toBeGreaterThanOrEqual(20_000)
  expect(paths()).toHaveLength(3)
})
