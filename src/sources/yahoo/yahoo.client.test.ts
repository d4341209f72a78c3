import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { DAY_MS, epochMs, instantFrom } from '#domain/units.ts'
import { sayJson, scriptedYahoo, type YahooScript } from './scripted-yahoo.server.ts'
import { connectYahoo, type Yahoo } from './yahoo.client.ts'

const FROM = instantFrom('2026-03-02T14:30:00Z')
const minute = (minutes: number) => epochMs(FROM + minutes * 60_000)
const XOM = 'XOM' as Symbol_

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  vi.unstubAllGlobals()
})

/** Yahoo under a script, on a clock that the test moves. */
async function yahooSaying(script: YahooScript, { now = minute(11 * 24 * 60), timeoutMs = 10_000 } = {}) {
  const { url, asked, close } = await scriptedYahoo(script)
  closing.push(close)
  const clock = { now }
  return { asked, clock, yahoo: connectYahoo({ url, spacingMs: 0, timeoutMs, now: () => clock.now }) }
}

type Values = readonly (number | null)[]
function chartOf(timestamp: readonly number[], close: Values, more: object = {}) {
  const prices = { open: close, high: close, low: close, close, volume: close.map((c) => (c === null ? null : 100)) }
  return { chart: { result: [{ meta: { symbol: 'XOM' }, timestamp, indicators: { quote: [prices] }, ...more }], error: null } }
}
const seconds = (...minutes: number[]) => minutes.map((count) => minute(count) / 1000)

describe('minute bars of Yahoo', () => {
  test('are those of the regular session, without rows that lack a value or a whole minute, which are counted', async () => {
    const { asked, yahoo } = await yahooSaying((response) =>
      sayJson(response, 200, chartOf(seconds(0, 1, 2, 2.5, 3, 4, 60), [10, null, 12, 13, 14, 0, 15])),
    )
    const told = await yahoo.minuteBars('BRK.B' as Symbol_, FROM, minute(60))
    expect(told).toMatchObject({ ok: true, value: { droppedRows: 3, bars: { symbol: 'BRK.B' } } })
    expect(told.ok && [...told.value.bars.openedAt]).toEqual([minute(0), minute(2), minute(3)])
    expect(told.ok && [...told.value.bars.close]).toEqual([10, 12, 14])
    expect(asked).toHaveLength(1)
    expect(asked[0]?.path).toBe('/v8/finance/chart/BRK-B')
    const period1 = String(FROM / 1000)
    expect(Object.fromEntries(asked[0]?.query ?? [])).toMatchObject({ interval: '1m', includePrePost: 'false', period1 })
  })

  test('leave out the minute that is not over', async () => {
    const { yahoo } = await yahooSaying((response) => sayJson(response, 200, chartOf(seconds(0, 1), [1, 2])), {
      now: minute(1.5),
    })
    expect(await yahoo.minuteBars(XOM, minute(-2), minute(2))).toMatchObject({ ok: true, value: { droppedRows: 1 } })
  })

  test('of more than seven days are asked for in parts, and none of more than 29 days ago', async () => {
    const days = 24 * 60
    const { asked, clock, yahoo } = await yahooSaying((response, { query }) =>
      sayJson(response, 200, chartOf([Number(query.get('period1'))], [5])),
    )
    const told = await yahoo.minuteBars(XOM, FROM, minute(10 * days))
    expect(told.ok && [...told.value.bars.openedAt]).toEqual([FROM, minute(7 * days)])
    expect(asked.map(({ query }) => query.get('period2'))).toEqual(seconds(7 * days, 10 * days).map(String))
    clock.now = minute(34 * days)
    await yahoo.minuteBars(XOM, FROM, minute(10 * days))
    expect(asked.at(-1)?.query.get('period1')).toBe(String(minute(5 * days) / 1000))
    clock.now = minute(40 * days)
    expect(await yahoo.minuteBars(XOM, FROM, minute(10 * days))).toMatchObject({ ok: false, why: { kind: 'no-data' } })
    expect(asked).toHaveLength(3)
  })

  test('that Yahoo does not have are no failure of Yahoo', async () => {
    const error = { code: 'Not Found', description: 'No data found, symbol may be delisted' }
    const { asked, yahoo } = await yahooSaying((response) => sayJson(response, 404, { chart: { result: null, error } }))
    const none = { ok: false, why: { kind: 'no-data', cause: error.description } }
    expect(await yahoo.minuteBars(XOM, FROM, minute(1))).toEqual(none)
    await yahoo.minuteBars(XOM, FROM, minute(1))
    expect(asked).toHaveLength(2)
    expect(yahoo.unavailable()).toBeUndefined()
  })

  test('of a day without trading are none', async () => {
    const { yahoo } = await yahooSaying((response) =>
      sayJson(response, 200, { chart: { result: [{ meta: {}, indicators: { quote: [{}] } }], error: null } }),
    )
    const none = { ok: true, value: { droppedRows: 0, bars: { close: new Float64Array(0) } } }
    expect(await yahoo.minuteBars(XOM, FROM, minute(1))).toMatchObject(none)
  })
})

test('daily bars open with their session, end before the one under way, and come with the splits of their span', async () => {
  const at = (iso: string) => instantFrom(iso) / 1000
  const days = [at('2024-06-07T13:30:00Z'), at('2024-06-08T13:30:00Z'), at('2024-06-10T13:30:00Z'), at('2024-06-11T18:02:11Z')]
  const splits = { [days[2]]: { date: days[2], numerator: 10, denominator: 1, splitRatio: '10:1' } }
  const { asked, yahoo } = await yahooSaying(
    (response) => sayJson(response, 200, chartOf(days, [120.888, 120, 121.79, 119], { events: { splits } })),
    { now: instantFrom('2024-06-11T18:02:15Z') },
  )
  const told = await yahoo.dailyBars('NVDA' as Symbol_, instantFrom('2024-06-07T00:00:00Z'), instantFrom('2024-06-12T00:00:00Z'))
  expect(told.ok && [...told.value.bars.openedAt].map((opened) => new Date(opened).toISOString().slice(0, 16))).toEqual([
    '2024-06-07T13:30',
    '2024-06-10T13:30',
  ])
  expect(told).toMatchObject({ value: { droppedRows: 2, splits: [{ effectiveOn: '2024-06-10', newPerOld: 10 }] } })
  expect(asked[0]?.query.get('events')).toBe('split')
})

const COMPANIES = new URL('../../../../shared/data/company/', import.meta.url)
function recorded(symbol: string): { quoteSummary: { result: [Record<string, object>] } } | undefined {
  try {
    return JSON.parse(readFileSync(new URL(`quoteSummary-${symbol}.json`, COMPANIES), 'utf8'))
  } catch {
    return undefined
  }
}

const officer = {
  maxAge: 1,
  name: 'Ms.  Jane Roe',
  title: 'CEO',
  totalPay: { raw: 123, fmt: '123', longFmt: '123' },
  exercisedValue: {},
}
const summary = {
  assetProfile: { sector: 'Energy', fullTimeEmployees: 61000, companyOfficers: [officer], maxAge: 86400 },
  price: { maxAge: 1, longName: 'Exxon Mobil Corporation', currency: 'USD' },
}
const saySummary = (result: object): YahooScript => {
  return (response, { path }) => {
    if (path.includes('quoteSummary')) sayJson(response, 200, { quoteSummary: { result: [result], error: null } })
  }
}

describe('companies and quotes', () => {
  test.for(['AAPL', 'ABBV', 'AMZN', 'GOOG'])(
    'a recorded answer for %s is a company with its officers',
    async (symbol, { skip }) => {
      const body = recorded(symbol)
      if (body === undefined) return skip('needs ../shared/data/company')
      const { yahoo } = await yahooSaying(saySummary(body.quoteSummary.result[0]))
      const told = await yahoo.company(symbol as Symbol_)
      if (!told.ok) throw new Error(JSON.stringify(told.why))
      const { officers, statistics, ...company } = told.value
      expect(company).toMatchObject({ currency: 'USD', employees: expect.any(Number), sector: expect.any(String) })
      expect(officers.length).toBeGreaterThan(5)
      expect(officers.filter(({ totalPay }) => totalPay !== undefined && totalPay > 1e6).length).toBeGreaterThan(1)
      expect(statistics.marketCap).toBeGreaterThan(1e11)
      expect(statistics.dividendYield ?? 0.004).toBeLessThan(0.1)
    },
  )

  test('a field that the library does not know as it is does not keep ours from being read', async () => {
    const { yahoo } = await yahooSaying(saySummary(summary))
    const told = await yahoo.company(XOM)
    expect(told).toMatchObject({ ok: true, value: { name: 'Exxon Mobil Corporation', sector: 'Energy', employees: 61000 } })
    expect(told.ok && told.value.officers[0]).toMatchObject({ name: 'Ms. Jane Roe', totalPay: 123, exercisedValue: undefined })
  })

  test('an answer whose fields of ours have changed is named, and Yahoo goes on being asked', async () => {
    const { asked, yahoo } = await yahooSaying(saySummary({ ...summary, price: { maxAge: 1, longName: 7 } }))
    const changed = { ok: false, why: { kind: 'schema-changed', cause: expect.stringContaining('price.longName') } }
    expect(await yahoo.company(XOM)).toMatchObject(changed)
    await yahoo.company(XOM)
    expect(asked.filter(({ path }) => path.includes('quoteSummary'))).toHaveLength(2)
  })

  test('one cookie and one crumb serve every question, and a crumb that is refused is asked for anew, once', async () => {
    let refusals = 0
    const { asked, yahoo } = await yahooSaying((response, { path, query }) => {
      if (path === '/v1/test/getcrumb') response.writeHead(200).end(`crumb${refusals}`)
      if (!path.startsWith('/v7')) return
      const error = { code: 'Unauthorized', description: 'Invalid Crumb' }
      if (query.get('crumb') === 'crumb0' && refusals++ === 0) return sayJson(response, 401, { finance: { result: null, error } })
      const quote = { symbol: 'BRK-B', regularMarketPrice: 480.5, regularMarketTime: 1772461800, bid: 0, ask: 481 }
      sayJson(response, 200, { quoteResponse: { result: [quote], error: null } })
    })
    const told = await yahoo.quotes(['BRK.B', 'NONE'] as Symbol_[])
    await yahoo.quotes([XOM])
    expect(told.ok && [...told.value]).toMatchObject([
      ['BRK.B', { price: 480.5, tradedAt: 1772461800000, bid: undefined, ask: 481 }],
    ])
    expect(asked.map(({ path }) => path.slice(0, 9))).toEqual([
      ...['/quote/AA', '/v1/test/', '/v7/finan', '/quote/AA', '/v1/test/', '/v7/finan', '/v7/finan'],
    ])
    expect(asked.at(-1)?.query.get('crumb')).toBe('crumb1')
    expect(asked.at(-1)?.cookie).toContain('A3=')
  })
})

describe('a Yahoo that does not answer', () => {
  const bars = (yahoo: Yahoo) => yahoo.minuteBars(XOM, FROM, minute(1))
  const company = (yahoo: Yahoo) => yahoo.company(XOM)
  const troubles: [string, YahooScript, string, (yahoo: Yahoo) => ReturnType<typeof bars | typeof company>][] = [
    ['429', (response) => sayJson(response, 429, 'Too Many Requests'), 'HTTP 429', bars],
    ['a consent page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'a page', bars],
    ['nothing at all', (response) => response.flushHeaders(), 'timeout', bars],
    ['no cookie', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), 'cookie', company],
    ['429 for a cookie', (response) => response.writeHead(429).end('Too Many Requests'), 'HTTP 429', company],
    [
      'words where the crumb stands',
      (response, { path }) => void (path === '/v1/test/getcrumb' && response.writeHead(200).end('Too Many Requests')),
      'no crumb',
      company,
    ],
  ]
  test.each(troubles)('but with %s is left alone for a minute, silently', async (name, script, cause, ask) => {
    const print = vi.fn()
    vi.stubGlobal('console', { ...console, log: print, info: print, warn: print, error: print })
    const { asked, clock, yahoo } = await yahooSaying(script, name === 'nothing at all' ? { timeoutMs: 100 } : {})
    const unavailable = { kind: 'unavailable', until: clock.now + 60_000, cause: expect.stringContaining(cause) }
    expect(await ask(yahoo)).toMatchObject({ ok: false, why: unavailable })
    const questions = asked.length
    expect(await bars(yahoo)).toMatchObject({ ok: false, why: unavailable })
    expect(yahoo.unavailable()).toMatchObject(unavailable)
    expect(asked).toHaveLength(questions)
    expect(print).not.toHaveBeenCalled()
  })

  test('is left alone for as long as it says, also by questions that were waiting', async () => {
    const { asked, clock, yahoo } = await yahooSaying((response) => sayJson(response, 429, '', { 'retry-after': '900' }))
    const told = await Promise.all([bars(yahoo), bars(yahoo), bars(yahoo)])
    expect(told.map((one) => !one.ok && one.why)).toMatchObject(
      Array(3).fill({ kind: 'unavailable', until: clock.now + 900_000 }),
    )
    expect(asked).toHaveLength(1)
  })

  test('for a day is asked again ever more seldom, and is in use again with its first answer', async () => {
    let isDown = true
    const { asked, clock, yahoo } = await yahooSaying((response) =>
      isDown ? sayJson(response, 429, '') : sayJson(response, 200, chartOf(seconds(0), [10])),
    )
    const end = clock.now + DAY_MS
    for (; clock.now < end; clock.now = epochMs(clock.now + 5 * 60_000)) await bars(yahoo)
    expect(asked.length).toBeLessThan(32)
    isDown = false
    clock.now = epochMs(clock.now + 3_600_000)
    expect(await yahoo.minuteBars(XOM, epochMs(clock.now - DAY_MS), clock.now)).toMatchObject({ ok: true })
    expect(yahoo.unavailable()).toBeUndefined()
  })

  test('that hangs is given up in the time given, and rests', async () => {
    const { yahoo } = await yahooSaying((response) => response.flushHeaders(), { timeoutMs: 100 })
    const started = performance.now()
    expect(await bars(yahoo)).toMatchObject({ ok: false, why: { kind: 'unavailable' } })
    expect(performance.now() - started).toBeLessThan(400)
  })

  test('in one of its columns is a changed schema', async () => {
    const { yahoo } = await yahooSaying((response) => sayJson(response, 200, chartOf(seconds(0, 1), [1])))
    const why = { kind: 'schema-changed', cause: expect.stringContaining('as long as the timestamps') }
    expect(await bars(yahoo)).toMatchObject({ ok: false, why })
  })
})
