import { afterEach, expect, test } from 'vitest'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs } from '#domain/units.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { scriptedExchange } from '#sources/alpaca/scripted-exchange.server.ts'
import { alpacaAccount } from './alpaca-account.client.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** An account whose rate lets one request at once through, and the next after ten seconds. */
async function account() {
  const { url, asked, close } = await scriptedExchange(({ path }) => ({
    status: 200,
    body: path.includes('news') ? { news: [], next_page_token: null } : [],
  }))
  closing.push(close)
  const { settings, credentials } = await readSettingsFiles({
    ...{ ALPACA_API_KEY: 'k', ALPACA_SECRET_KEY: 's', SPREADWORKS_ALPACA_REQUESTS_PER_MINUTE: '6' },
    ...{ SPREADWORKS_ALPACA_TRADING_URL: url, SPREADWORKS_ALPACA_DATA_URL: url },
  })
  const opened = alpacaAccount(settings, credentials, () => undefined)
  if (opened === undefined) throw new Error('there are keys')
  return { ...opened, asked }
}

test('each host of an account has a rate of its own: what asks for data holds nothing of trading up', async () => {
  const { news, directory, asked } = await account()
  const day = '2018-03-28' as SessionDate
  const articles = () => news.articles([], { from: epochMs(0), until: epochMs(1), limit: 1 })
  await articles()
  expect(await directory.calendar(day, day)).toEqual({ ok: true, value: [] })
  expect(asked.map(({ path }) => path)).toEqual(['/v1beta1/news', '/v2/calendar'])
}, 2_000)
