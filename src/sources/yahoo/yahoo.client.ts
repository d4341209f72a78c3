import createYahooFinance from 'yahoo-finance2/createYahooFinance'
import { ExtendedCookieJar } from 'yahoo-finance2/lib/cookieJar'
import chart from 'yahoo-finance2/modules/chart'
import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { barsFromRows, type ChartRow, chartWire, type YahooBars } from './chart.ts'

/** Why there are no bars. Both are ordinary: Yahoo is an optional source. */
export type NoYahooBars =
  /** Yahoo does not answer, or not us; it is not asked again before `until`. */
  | { readonly kind: 'unavailable'; readonly until: EpochMs; readonly cause: string }
  /** Yahoo has nothing: an unknown symbol, or minutes more than about 30 days ago. */
  | { readonly kind: 'no-data'; readonly cause: string }

export type Yahoo = {
  /** 1-minute bars of the regular session that opened in [from, until), asked for at most seven days at a time. */
  readonly minuteBars: (symbol: Symbol_, from: EpochMs, until: EpochMs) => Promise<Outcome<YahooBars, NoYahooBars>>
  /** Whether Yahoo answers within `timeoutMs`. */
  readonly isReachable: () => Promise<boolean>
}

/** Yahoo gives 1-minute bars of eight days in one answer; one less leaves room for its idea of a day. */
const DAYS_IN_AN_ANSWER = 7
const FIRST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 3_600_000

const YahooCharts = createYahooFinance({ modules: { chart } })

/**
 * Yahoo Finance, asked one question at a time, `spacingMs` apart, each given up after `timeoutMs`. `url` stands in for all of
 * Yahoo's addresses when it is given. After a failure nothing is asked for as long as Yahoo says, or for a minute, twice as
 * long after each further one up to an hour. Prints nothing.
 */
export function connectYahoo(options: { readonly url?: string; readonly spacingMs: number; readonly timeoutMs: number }): Yahoo {
  const { spacingMs, timeoutMs } = options
  const client = new YahooCharts({
    fetch: (input, init) => answered(addressOf(input, options.url), { ...init, signal: AbortSignal.timeout(timeoutMs) }),
    queue: { concurrency: 1, interval: spacingMs },
    // The library's own jar is shared by all that use it.
    cookieJar: new ExtendedCookieJar(),
    validation: { logErrors: false, logOptionsErrors: false },
    versionCheck: false,
    suppressNotices: ['yahooSurvey'],
    logger: SILENT,
  })
  let pause = { until: epochMs(0), cause: '' }
  let pauseMs = FIRST_PAUSE_MS

  const rowsOf = async (ticker: string, from: EpochMs, until: EpochMs): Promise<Outcome<ChartRow[], NoYahooBars>> => {
    if (Date.now() < pause.until) return refuse({ kind: 'unavailable', ...pause })
    try {
      const question = {
        period1: new Date(from),
        period2: new Date(until),
        interval: '1m',
        includePrePost: false,
        return: 'object',
      } as const
      const rows = chartWire.parse(await client.chart(ticker, question, { validateResult: false }))
      pauseMs = FIRST_PAUSE_MS
      return ok(rows)
    } catch (error) {
      if (error instanceof NoData) return refuse({ kind: 'no-data', cause: error.message })
      const waitMs = error instanceof Unavailable ? (error.retryAfterMs ?? pauseMs) : pauseMs
      pause = { until: epochMs(Date.now() + waitMs), cause: error instanceof Error ? error.message : String(error) }
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      return refuse({ kind: 'unavailable', ...pause })
    }
  }
  return {
    minuteBars: async (symbol, from, until) => {
      const rows: ChartRow[] = []
      for (let start: number = from; start < until; start += DAYS_IN_AN_ANSWER * DAY_MS) {
        const part = await rowsOf(tickerOf(symbol), epochMs(start), epochMs(Math.min(until, start + DAYS_IN_AN_ANSWER * DAY_MS)))
        if (!part.ok) return part
        rows.push(...part.value)
      }
      return ok(barsFromRows(symbol, rows, { from, until, now: epochMs(Date.now()) }))
    },
    isReachable: () => {
      const now = Date.now()
      const probe = rowsOf('SPY', epochMs(now - DAY_MS), epochMs(now)).then((told) => told.ok || told.why.kind === 'no-data')
      return Promise.race([probe, notWithin(timeoutMs)])
    },
  }
}

class NoData extends Error {}

class Unavailable extends Error {
  readonly retryAfterMs: number | undefined

  constructor(message: string, retryAfterMs: number | undefined) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

const refusal = z.object({ chart: z.object({ error: z.object({ description: z.string() }) }) })

/** A JSON answer of Yahoo's; everything else is thrown as NoData or Unavailable before the library prints it. */
async function answered(address: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init)
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  if (response.ok && isJson) return response
  const body = await response.text()
  const said = isJson ? refusal.safeParse(parsedOrNothing(body)) : undefined
  if (said?.success && [400, 404, 422].includes(response.status)) throw new NoData(said.data.chart.error.description)
  const waitSeconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const cause = response.ok ? 'a page instead of data' : `HTTP ${response.status}`
  throw new Unavailable(`Yahoo sent ${cause}`, Number.isFinite(waitSeconds) ? waitSeconds * 1000 : undefined)
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function addressOf(input: string | URL | Request, base: string | undefined): URL {
  const address = new URL(input instanceof Request ? input.url : input)
  return base === undefined || base === '' ? address : new URL(address.pathname + address.search, base)
}

/** Yahoo writes class shares with a hyphen. */
function tickerOf(symbol: Symbol_): string {
  return symbol.replace('.', '-')
}

function notWithin(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms).unref()
  })
}

const nothing = () => undefined
const SILENT = { info: nothing, warn: nothing, error: nothing, debug: nothing, dir: nothing }
