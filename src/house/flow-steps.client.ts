import type { Pool } from 'pg'
import type { Broker } from '#domain/broker.ts'
import { endOfDaySteps } from '#flows/end-of-day.steps.ts'
import { hourlySteps } from '#flows/hourly.steps.ts'
import { housekeepingSteps } from '#flows/housekeeping.steps.ts'
import { identifyPairsSteps } from '#flows/identify-pairs.steps.ts'
import { loadCompaniesSteps } from '#flows/load-companies.steps.ts'
import { loadNewsSteps } from '#flows/load-news.steps.ts'
import { maintainSymbolsSteps } from '#flows/maintain-symbols.steps.ts'
import { preprocessSteps } from '#flows/preprocess.steps.ts'
import { recyclerCheckSteps } from '#flows/recycler-check.steps.ts'
import type { FlowSteps } from '#flows/registry.flow.ts'
import { rehearseSteps } from '#flows/rehearse.steps.ts'
import { startOfDaySteps } from '#flows/start-of-day.steps.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { connectNewsApi, type NewsApi } from '#sources/newsapi/newsapi.client.ts'
import { connectYahoo, type Yahoo } from '#sources/yahoo/yahoo.client.ts'
import type { AlpacaAccount } from './alpaca-account.client.ts'
import { accountBook } from './flow-plans.client.ts'

const NEWS_API = 'https://newsapi.org'
const NEWS_TIMEOUT_MS = 10_000

export type StepsDependencies = {
  readonly sql: Pool
  readonly settings: Settings
  readonly credentials: Credentials
  readonly account: AlpacaAccount | undefined
  /** The account's broker; undefined where none is met. */
  readonly broker: Pick<Broker, 'account' | 'positions'> | undefined
  readonly timer: Timer
  /** Threads of a screen. */
  readonly threads: number
}

/** The work of the flows that need a store and sources, and nothing else that a process holds open. */
export function stepsOfSources(dependencies: StepsDependencies) {
  const { sql, settings, account, broker, timer, threads } = dependencies
  const { now } = timer
  const yahoo = yahooOf(settings, timer)
  const sourceOf = (feed: string) => account?.history(feed === 'sip' ? 'sip' : 'iex')
  return {
    loadCompanies: loadCompaniesSteps({ sql, yahoo, now }),
    loadNews: loadNewsSteps({ sql, alpaca: account?.news, newsApi: newsApiOf(dependencies), now }),
    maintainSymbols: maintainSymbolsSteps({ sql, directory: account?.directory, rules: settings.symbols }),
    preprocess: preprocessSteps(sql),
    identifyPairs: identifyPairsSteps(sql, threads),
    startOfDay: startOfDaySteps(sql, threads),
    rehearse: rehearseSteps(sql),
    recyclerCheck: recyclerCheckSteps({ sql, accountBook: accountBook(settings, account), now }),
    hourly: hourlySteps({ sql, sourceOf, broker, timer, settings }),
    endOfDay: endOfDaySteps({ sql, yahoo, now }),
    housekeeping: housekeepingSteps(sql),
  } satisfies Partial<FlowSteps>
}

/** Yahoo as the settings say; undefined where it is switched off. */
function yahooOf({ yahoo: { url, enabled, ...pace } }: Settings, { now }: Timer): Yahoo | undefined {
  return enabled ? connectYahoo({ ...pace, ...(url === undefined ? {} : { url }), now }) : undefined
}

function newsApiOf({ credentials: { newsApiKey: key } }: StepsDependencies): NewsApi | undefined {
  return key === undefined ? undefined : connectNewsApi({ url: NEWS_API, key, timeoutMs: NEWS_TIMEOUT_MS })
}
