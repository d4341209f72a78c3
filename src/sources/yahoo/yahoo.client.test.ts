import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { connectYahoo } from './yahoo.client.ts'

const FROM = instantFrom('2026-03-02T14:30:00Z')
const minute = (minutes: number) => epochMs(FROM + minutes * 60_000)
const XOM = 'XOM' as Symbol_

type Script = (response: ServerResponse, query: URLSearchParams) => void

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  vi.unstubAllGlobals()
})

/** A stand-in for all of Yahoo's hosts that keeps the requests it was sent. */
async function yahooSaying(script: Script) {
  const asked: URL[] = []
  const server = createServer((request, response) => {
    const address = new URL(request.url ?? '', 'http://yahoo')
    asked.push(address)
    script(response, address.searchParams)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { asked, yahoo: connectYahoo({ url, spacingMs: 0, timeoutMs: 100 }) }
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers }).end(JSON.stringify(body))
}

type Values = readonly (number | null)[]
function chartOf(timestamp: readonly number[], close: Values) {
  const prices = { open: close, high: close, low: close, close, volume: close.map((c) => (c === null ? null : 100)) }
  return { chart: { result: [{ meta: { symbol: 'XOM' }, timestamp, indicators: { quote: [prices] } }], error: null } }
}
const seconds = (...minutes: number[]) => minutes.map((count) => minute(count) / 1000)

describe('minute bars of Yahoo', () => {
  test('are those of the regular session, without rows that lack a value or a whole minute, which are counted', async () => {
    const { asked, yahoo } = await yahooSaying((response) =>
      json(response, 200, chartOf(seconds(0, 1, 2, 2.5, 3, 60), [10, null, 12, 13, 14, 15])),
    )
    const told = await yahoo.minuteBars('BRK.B' as Symbol_, FROM, minute(60))
    expect(told).toMatchObject({ ok: true, value: { droppedRows: 2, bars: { symbol: 'BRK.B' } } })
    expect(told.ok && [...told.value.bars.openedAt]).toEqual([minute(0), minute(2), minute(3)])
    expect(told.ok && [...told.value.bars.close]).toEqual([10, 12, 14])
    expect(asked).toHaveLength(1)
    expect(asked[0]?.pathname).toBe('/v8/finance/chart/BRK-B')
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({
      interval: '1m',
      includePrePost: 'false',
      period1: String(FROM / 1000),
    })
  })

  test('leave out the minute that is not over', async () => {
    const now = Math.floor(Date.now() / 60_000) * 60_000
    const { yahoo } = await yahooSaying((response) => json(response, 200, chartOf([now / 1000 - 60, now / 1000], [1, 2])))
    const told = await yahoo.minuteBars(XOM, epochMs(now - 120_000), epochMs(now + 120_000))
    expect(told).toMatchObject({ ok: true, value: { droppedRows: 1 } })
  })

  test('of more than seven days are asked for in parts', async () => {
    const days = 24 * 60
    const { asked, yahoo } = await yahooSaying((response, query) =>
      json(response, 200, chartOf([Number(query.get('period1'))], [5])),
    )
    const told = await yahoo.minuteBars(XOM, FROM, minute(10 * days))
    expect(told.ok && [...told.value.bars.openedAt]).toEqual([FROM, minute(7 * days)])
    expect(asked.map((a) => a.searchParams.get('period2'))).toEqual(seconds(7 * days, 10 * days).map(String))
  })

  test('that Yahoo does not have are no failure of Yahoo', async () => {
    const error = { code: 'Not Found', description: 'No data found, symbol may be delisted' }
    const { asked, yahoo } = await yahooSaying((response) => json(response, 404, { chart: { result: null, error } }))
    expect(await yahoo.minuteBars(XOM, FROM, minute(1))).toEqual({
      ok: false,
      why: { kind: 'no-data', cause: error.description },
    })
    await yahoo.minuteBars(XOM, FROM, minute(1))
    expect(asked).toHaveLength(2)
  })

  test('of a day without trading are none', async () => {
    const { yahoo } = await yahooSaying((response) =>
      json(response, 200, { chart: { result: [{ meta: {}, indicators: { quote: [{}] } }], error: null } }),
    )
    expect(await yahoo.minuteBars(XOM, FROM, minute(1))).toMatchObject({
      ok: true,
      value: { droppedRows: 0, bars: { close: new Float64Array(0) } },
    })
  })
})

describe('a Yahoo that does not answer', () => {
  const troubles: [string, Script, string][] = [
    ['429', (response) => json(response, 429, 'Too Many Requests'), 'HTTP 429'],
    [
      'a consent page',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'a page instead of data',
    ],
    [
      'a refused crumb',
      (response) =>
        json(response, 401, { finance: { result: null, error: { code: 'Unauthorized', description: 'Invalid Crumb' } } }),
      'HTTP 401',
    ],
    ['columns of another length', (response) => json(response, 200, chartOf(seconds(0, 1), [1])), 'as long as the timestamps'],
    ['nothing at all', () => undefined, 'timeout'],
  ]
  test.each(troubles)('but with %s is left alone for a minute, silently', async (_, script, cause) => {
    const print = vi.fn()
    vi.stubGlobal('console', { ...console, log: print, info: print, warn: print, error: print })
    const { asked, yahoo } = await yahooSaying(script)
    const told = await yahoo.minuteBars(XOM, FROM, minute(1))
    expect(told).toMatchObject({ ok: false, why: { kind: 'unavailable', cause: expect.stringContaining(cause) } })
    if (told.ok || told.why.kind !== 'unavailable') return
    expect(told.why.until - Date.now()).toBeGreaterThan(55_000)
    expect(await yahoo.minuteBars(XOM, FROM, minute(1))).toMatchObject({
      ok: false,
      why: { kind: 'unavailable', until: told.why.until },
    })
    expect(asked).toHaveLength(1)
    expect(print).not.toHaveBeenCalled()
  })

  test('is left alone for as long as it says', async () => {
    const { yahoo } = await yahooSaying((response) => json(response, 429, '', { 'retry-after': '900' }))
    const told = await yahoo.minuteBars(XOM, FROM, minute(1))
    expect(!told.ok && told.why.kind === 'unavailable' && told.why.until - Date.now()).toBeGreaterThan(895_000)
  })

  test('is not reachable, which is known within the time given; one that answers is', async () => {
    const hanging = await yahooSaying(() => undefined)
    const started = performance.now()
    expect(await hanging.yahoo.isReachable()).toBe(false)
    expect(performance.now() - started).toBeLessThan(400)
    const answering = await yahooSaying((response) => json(response, 200, chartOf([], [])))
    expect(await answering.yahoo.isReachable()).toBe(true)
    expect(await connectYahoo({ url: 'http://127.0.0.1:1', spacingMs: 0, timeoutMs: 100 }).isReachable()).toBe(false)
  })
})
