import { marketData } from '@alpacahq/alpaca-trade-api'
import type { Fault } from '#domain/fault.ts'
import type { CollectorDependencies } from '#market/collect-session.steps.ts'
import type { HistorySource } from '#market/load-bars.steps.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import { type Alpaca, connectAlpaca } from '#sources/alpaca/alpaca.client.ts'
import { exchangeDirectory } from '#sources/alpaca/assets.client.ts'
import type { ExchangeDirectory } from '#sources/alpaca/assets.ts'
import { historyOver } from '#sources/alpaca/bar-history.client.ts'
import { hostsOnWallTime } from '#sources/alpaca/governed-on-wall-time.client.ts'
import { openMarketStream } from '#sources/alpaca/market-stream.client.ts'
import { type AlpacaNews, connectAlpacaNews } from '#sources/alpaca/news.client.ts'
import type { Timer } from '#sources/alpaca/timer.ts'

const TRADING_URLS = { paper: 'https://paper-api.alpaca.markets', live: 'https://api.alpaca.markets' } as const
const DATA_URL = 'https://data.alpaca.markets'
const STREAM_URL = 'wss://stream.data.alpaca.markets'
/** A page of 10,000 bars may take this long, milliseconds. */
const PAGE_MS = 30_000

/** All that is asked with one account's keys; requests over REST go through one governor for each host. Connects to nothing by itself. */
export type AlpacaAccount = {
  readonly directory: ExchangeDirectory
  readonly news: AlpacaNews
  readonly history: (feed: 'iex' | 'sip') => HistorySource
  /** The account's broker and history, with streams of their own; see connectAlpaca. */
  readonly connect: (feed: 'iex' | 'sip', onTrouble: (fault: Fault) => void) => Alpaca
  /** Opens the account's one stream of bars, corrections and statuses; see openMarketStream. */
  readonly openStream: (feed: 'iex' | 'sip', timer: Timer) => CollectorDependencies['openStream']
}

/** The account of the configured keys, at Alpaca or at the exchange that the settings name; undefined without keys. */
export function alpacaAccount(
  { alpaca, trading }: Pick<Settings, 'alpaca' | 'trading'>,
  credentials: Credentials,
  onTrouble: (sentence: string) => void,
): AlpacaAccount | undefined {
  if (credentials.alpaca === undefined) return undefined
  const keys = { keyId: credentials.alpaca.apiKey, secret: credentials.alpaca.secretKey }
  const { trading: tradingHost, data: dataHost } = hostsOnWallTime(
    alpaca.requestsPerMinute === 0 ? undefined : alpaca.requestsPerMinute,
  )
  const { tradingUrl = TRADING_URLS[trading.mode], dataUrl = DATA_URL, streamUrl = STREAM_URL } = alpaca
  return {
    directory: exchangeDirectory({ ...keys, tradingUrl, governed: tradingHost }),
    news: connectAlpacaNews({ ...keys, dataUrl, governed: dataHost }),
    history: (feed) =>
      historyOver(new marketData.Configuration({ ...keys, basePath: dataUrl, timeoutMs: PAGE_MS }), feed, dataHost),
    connect: (feed, onTrouble) =>
      connectAlpaca({
        ...keys,
        tradingUrl,
        dataUrl,
        streamUrl,
        feed,
        onTrouble,
        governed: { trading: tradingHost, data: dataHost },
      }),
    openStream: (feed, timer) => (symbols, onNews) =>
      openMarketStream({
        ...{ name: 'bars', url: `${streamUrl}/v2/${feed}`, keys, timer, random: Math.random, onNews },
        channels: { bars: symbols, updatedBars: symbols, dailyBars: [], statuses: symbols },
        onTrouble: ({ message }) => onTrouble(message),
      }),
  }
}
