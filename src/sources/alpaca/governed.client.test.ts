import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { exchangeDirectory } from './assets.client.ts'
import { connectAlpacaNews } from './news.client.ts'
import { createRateGovernor } from './rate-governor.ts'
import { type Reply, scriptedExchange } from './scripted-exchange.server.ts'
import { virtualTimer } from './virtual-timer.client.ts'

const KEYS = { keyId: 'k', secret: 's' }
const DAY = '2018-03-28' as SessionDate
const NOW = instantFrom('2018-03-28T14:00:00Z')
const span = { from: epochMs(NOW - 1000), until: NOW, limit: 10 }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Two clients of one account; without a limit of its own unless one is given. */
async function clients(answer: (path: string) => Reply, requestsPerMinute?: number) {
  const { url, asked, close } = await scriptedExchange(({ path }) => answer(path))
  closing.push(close)
  const timer = virtualTimer(NOW)
  const governed = { governor: createRateGovernor(timer, requestsPerMinute), timer, random: () => 0.5 }
  const { calendar } = exchangeDirectory({ ...KEYS, tradingUrl: url, governed })
  const { articles } = connectAlpacaNews({ ...KEYS, dataUrl: url, governed })
  const paths = () => asked.map(({ path }) => path)
  return { timer, paths, askCalendar: () => calendar(DAY, DAY), askNews: () => articles([], span) }
}

const empty = (path: string) => ({ status: 200, body: path.includes('news') ? { news: [], next_page_token: null } : [] })

test('clients of one account share its rate: what one has sent the other waits for', async () => {
  const { timer, paths, askCalendar, askNews } = await clients(empty, 6)
  expect(await askCalendar()).toEqual({ ok: true, value: [] })
  const waiting = askNews()
  for (let i = 0; i < 20; i++) await setImmediate()
  expect(paths()).toEqual(['/v2/calendar'])
  expect(await timer.through(waiting)).toEqual({ ok: true, value: [] })
  expect(timer.now() - NOW).toBeGreaterThan(9_000)
})

test('a refusal for asking too much holds every client of the account back for as long as it says', async () => {
  const refusing = (path: string): Reply =>
    path.includes('news')
      ? empty(path)
      : { status: 429, headers: { 'retry-after': '20' }, body: { message: 'too many requests.' } }
  const { timer, paths, askCalendar, askNews } = await clients(refusing)
  expect(await askCalendar()).toMatchObject({ ok: false, why: { kind: 'rate-limited' } })
  const waiting = askNews()
  for (let i = 0; i < 20; i++) await setImmediate()
  expect(paths()).toEqual(['/v2/calendar'])
  await timer.through(waiting)
  expect(timer.now() - NOW).toBeGreaterThanOrEqual(20_000)
  expect(paths()).toHaveLength(2)
})
