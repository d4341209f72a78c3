import { userInfo } from 'node:os'
import type { QualityProgram } from '#cli/quality-program.ts'
import { quarantineDetail, quarantineEntryView, quarantineView } from '#desk/quarantine.store.ts'
import { lastSessionClosedBy, sessionsBefore } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import { type Symbol_, tickerFrom } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { loadAndCheckCloses } from '#flows/check-closes.steps.ts'
import { loadCompanies } from '#flows/load-companies.steps.ts'
import { loadNews } from '#flows/load-news.steps.ts'
import { storedFeeds } from '#market/bars.store.ts'
import { companyOf } from '#market/companies.store.ts'
import { newsKnownAt } from '#market/news.store.ts'
import { decideQuarantine } from '#market/quarantine.store.ts'
import type { Settings } from '#settings/schema.ts'
import { connectNewsApi } from '#sources/newsapi/newsapi.client.ts'
import { connectYahoo, type Yahoo } from '#sources/yahoo/yahoo.client.ts'
import { alpacaAccount } from './alpaca-account.client.ts'
import type { Store } from './exchange-checks.client.ts'

const NEWS_API = 'https://newsapi.org'
const NEWS_TIMEOUT_MS = 10_000

type OnProgress = Parameters<QualityProgram['loadNews']>[0]

/** The commands about the quality of data, companies and news. Each opens the store when it is asked, and closes it again. */
export function qualityProgram(openStore: () => Promise<Store>): QualityProgram {
  const using = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStore()
    try {
      return await work(store)
    } finally {
      await store.database.close()
    }
  }
  return {
    quarantine: (isWhole) => using(({ database }) => quarantineView(database.pool, { isWhole, now: now() })),
    quarantineEntry: (id) => using(({ database }) => quarantineDetail(database.pool, id)),
    decideQuarantine: (id, action, note) =>
      using(async ({ database }) => {
        const by = `command line (${userInfo().username})`
        return quarantineEntryView(await decideQuarantine(database.pool, id, { action, by, note, at: now() }))
      }),
    checkCloses: (request, onProgress) => using((store) => checkCloses(store, request, onProgress)),
    loadCompanies: (symbols, onProgress) =>
      using((store) => {
        const yahoo = yahooOf(store.settings)
        if (yahoo === undefined)
          throw wrongRequest('YAHOO_DISABLED', 'Companies come from Yahoo, which yahoo.enabled switches off; set it to true.')
        const terms = { sql: store.database.pool, yahoo, now, tell: telling(onProgress, 'symbols') }
        return loadCompanies(universeOf(store.settings, symbols), terms)
      }),
    company: (text) =>
      using(async ({ database }) => {
        const company = await companyOf(database.pool, tickerFrom(text))
        if (company !== undefined) return company
        throw wrongRequest('COMPANY_UNKNOWN', `Nothing is kept of ${text}; load it (spreadworks companies load ${text}).`)
      }),
    loadNews: (onProgress) =>
      using((store) => {
        const terms = { sql: store.database.pool, now, tell: telling(onProgress, 'sources') }
        return loadNews(store.settings.market.universe, { ...newsSources(store), ...terms })
      }),
    news: (symbols, limit) =>
      using(({ database }) => newsKnownAt(database.pool, { at: now(), symbols: symbols.map(tickerFrom), limit })),
  }
}

function now() {
  return epochMs(Date.now())
}

async function checkCloses(
  { settings, database }: Store,
  { symbols, feed, sessions: count }: Parameters<QualityProgram['checkCloses']>[0],
  onProgress: OnProgress,
) {
  const last = lastSessionClosedBy(now())
  const sessions = [...sessionsBefore(last.date, count - 1), last]
  const own = feed ?? settings.market.feed ?? settings.alpaca.feed
  if (own === 'yahoo')
    throw wrongRequest('CHECK_NEEDS_TWO', 'Yahoo cannot be held against itself; name another feed with --feed.')
  const asked = { symbols: universeOf(settings, symbols), feed: own, sessions }
  await requireBars(database, own)
  const terms = { sql: database.pool, yahoo: yahooOf(settings), now, tell: telling(onProgress, 'symbols') }
  return { feeds: [own, 'yahoo'] as const, ...(await loadAndCheckCloses(asked, terms)) }
}

async function requireBars({ pool }: Store['database'], feed: string): Promise<void> {
  const feeds = [...new Set((await storedFeeds(pool)).map((stored) => stored.feed))]
  if (feeds.includes(feed)) return
  const there = feeds.length === 0 ? 'none are stored at all' : `there are ${feeds.join(', ')}`
  throw wrongRequest('FEED_UNKNOWN', `No bars of the feed '${feed}' are stored to be checked; ${there}.`)
}

function yahooOf({ yahoo: { url, enabled, ...pace } }: Settings): Yahoo | undefined {
  if (!enabled) return undefined
  return connectYahoo({ ...pace, ...(url === undefined ? {} : { url }), now })
}

/** The sources of news that there are keys for. Throws NEWS_KEYS_MISSING when there are none. */
function newsSources({ settings, credentials }: Store) {
  const { alpaca, newsApiKey } = credentials
  if (alpaca === undefined && newsApiKey === undefined)
    throw wrongRequest(
      'NEWS_KEYS_MISSING',
      'News comes from sources that are asked with a key; set ALPACA_API_KEY and ALPACA_SECRET_KEY, or NEWS_API_KEY, in the environment.',
    )
  return {
    alpaca: alpacaAccount(settings, credentials, () => {})?.news,
    newsApi:
      newsApiKey === undefined ? undefined : connectNewsApi({ url: NEWS_API, key: newsApiKey, timeoutMs: NEWS_TIMEOUT_MS }),
  }
}

function universeOf({ market }: Settings, symbols: readonly string[]): readonly Symbol_[] {
  return symbols.length === 0 ? market.universe : symbols.map(tickerFrom)
}

function telling(onProgress: OnProgress, unit: string) {
  return async (done: number, total: number, sentence: string) => onProgress({ done, total, unit, sentence })
}
