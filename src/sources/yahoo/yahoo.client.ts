import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { type ChartRow, chartWire, dailyBarsFrom, minuteBarsFrom, type YahooBars, type YahooSplit } from './chart.ts'
import type { Unavailable } from './circuit.ts'
import { COMPANY_MODULES, type Company, companyWire, quotesWire, type YahooQuote } from './company.ts'
import { openYahooLine, type YahooLine, type YahooOptions, type YahooRefused } from './yahoo-line.client.ts'

/** Daily bars and the splits of their span. Closes are adjusted for splits up to now, not for dividends. */
export type YahooDailyBars = YahooBars & { readonly splits: readonly YahooSplit[] }

export type Yahoo = {
  /**
   * 1-minute bars of the regular session that opened in [from, until), asked for at most seven days at a time. Minutes of more
   * than 29 days ago are not asked for; `no-data` when all of them are.
   */
  readonly minuteBars: (symbol: Symbol_, from: EpochMs, until: EpochMs) => Promise<Outcome<YahooBars, YahooRefused>>
  /** Daily bars of the sessions that opened in [from, until). */
  readonly dailyBars: (symbol: Symbol_, from: EpochMs, until: EpochMs) => Promise<Outcome<YahooDailyBars, YahooRefused>>
  /** Profile, officers and statistics. */
  readonly company: (symbol: Symbol_) => Promise<Outcome<Company, YahooRefused>>
  /** Last prices, in one request; a symbol that Yahoo does not know is missing from the answer. */
  readonly quotes: (symbols: readonly Symbol_[]) => Promise<Outcome<ReadonlyMap<Symbol_, YahooQuote>, YahooRefused>>
  /** Why nothing would be asked now, or undefined. */
  readonly unavailable: () => Unavailable | undefined
}

/** Yahoo gives 1-minute bars of eight days in one answer; one less leaves room for its idea of a day. */
const DAYS_IN_AN_ANSWER = 7
/** And of the last 30 days, less one for the same reason. */
const MINUTE_DAYS = 29

/**
 * Yahoo Finance, asked one question at a time, `spacingMs` apart, each given up after `timeoutMs`. After a failure nothing is
 * asked for as long as Yahoo says, or for a minute, twice as long after each further one up to an hour.
 */
export function connectYahoo(options: YahooOptions): Yahoo {
  const line = openYahooLine(options)
  return {
    minuteBars: (symbol, from, until) => minuteBars(line, symbol, { from, until, now: options.now() }),
    dailyBars: async (symbol, from, until) => {
      const told = await askChart(line, symbol, { from, until, interval: '1d' })
      if (!told.ok) return told
      const { rows, splits } = told.value
      return ok({ ...dailyBarsFrom(symbol, rows, { from, until, now: options.now() }), splits })
    },
    company: (symbol) =>
      line.ask({
        send: (library, reach) => library.quoteSummary(tickerOf(symbol), { modules: [...COMPANY_MODULES] }, reach),
        answer: companyWire,
      }),
    quotes: async (symbols) => {
      if (symbols.length === 0) return ok(new Map())
      const told = await line.ask({
        send: (library, reach) => library.quote(symbols.map(tickerOf), {}, reach),
        answer: quotesWire,
      })
      if (!told.ok) return told
      const byTicker = new Map(told.value.map((quote) => [quote.ticker, quote]))
      return ok(new Map(symbols.flatMap((symbol) => quoted(symbol, byTicker.get(tickerOf(symbol))))))
    },
    unavailable: line.unavailable,
  }
}

function quoted(symbol: Symbol_, quote: YahooQuote | undefined): [Symbol_, YahooQuote][] {
  return quote === undefined ? [] : [[symbol, quote]]
}

async function minuteBars(
  line: YahooLine,
  symbol: Symbol_,
  { from, until, now }: { readonly from: EpochMs; readonly until: EpochMs; readonly now: EpochMs },
): Promise<Outcome<YahooBars, YahooRefused>> {
  const rows: ChartRow[] = []
  const first = Math.max(from, now - MINUTE_DAYS * DAY_MS)
  if (first >= until) return refuse({ kind: 'no-data', cause: `Yahoo keeps 1-minute bars of the last ${MINUTE_DAYS} days only` })
  for (let start = first; start < until; start += DAYS_IN_AN_ANSWER * DAY_MS) {
    const end = epochMs(Math.min(until, start + DAYS_IN_AN_ANSWER * DAY_MS))
    const part = await askChart(line, symbol, { from: epochMs(start), until: end, interval: '1m' })
    if (!part.ok) return part
    rows.push(...part.value.rows)
  }
  return ok(minuteBarsFrom(symbol, rows, { from, until, now }))
}

function askChart(
  line: YahooLine,
  symbol: Symbol_,
  { from, until, interval }: { readonly from: EpochMs; readonly until: EpochMs; readonly interval: '1m' | '1d' },
) {
  const question = {
    period1: new Date(from),
    period2: new Date(until),
    interval,
    includePrePost: false,
    events: 'split',
    return: 'object',
  } as const
  return line.ask({
    // The library's own idea of a chart demands fields that are of no use here.
    send: (library, reach) => library.chart(tickerOf(symbol), question, { ...reach, validateResult: false }),
    answer: chartWire,
  })
}

/** Yahoo writes class shares with a hyphen. */
function tickerOf(symbol: Symbol_): string {
  return symbol.replace('.', '-')
}
