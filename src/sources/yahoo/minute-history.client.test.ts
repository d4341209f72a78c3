import { afterEach, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { instantFrom } from '#domain/units.ts'
import type { BarsCursor } from '../alpaca/history.ts'
import { yahooMinutes } from './minute-history.client.ts'
import { sayJson, scriptedYahoo, type YahooScript } from './scripted-yahoo.server.ts'
import { connectYahoo } from './yahoo.client.ts'

const NOW = instantFrom('2026-04-01T20:00:00Z')
const AT = instantFrom('2026-04-01T14:00:00Z')
const question = {
  symbols: ['KO', 'AAPL', 'NONE', 'KO'] as Symbol_[],
  timeframe: '1m',
  from: AT,
  until: NOW,
  adjustment: 'raw',
} as const

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function minutesOf(script: YahooScript) {
  const { url, close } = await scriptedYahoo(script)
  closing.push(close)
  const unanswered: string[] = []
  const yahoo = connectYahoo({ url, spacingMs: 0, timeoutMs: 2000, now: () => NOW })
  return { unanswered, source: yahooMinutes(yahoo, async (symbol, cause) => void unanswered.push(`${symbol}: ${cause}`)) }
}

const answering: YahooScript = (response, { path }) => {
  if (path.endsWith('NONE')) {
    sayJson(response, 404, { chart: { result: null, error: { code: 'Not Found', description: 'No data found' } } })
    return
  }
  const quote = [{ open: [10], high: [11], low: [9], close: [10.5], volume: [100] }]
  sayJson(response, 200, { chart: { result: [{ meta: {}, timestamp: [AT / 1000], indicators: { quote } }], error: null } })
}

test('symbols follow each other page by page, and one without an answer is named and passed over', async () => {
  const { source, unanswered } = await minutesOf(answering)
  const told: string[] = []
  let cursor: BarsCursor | undefined
  do {
    const page = await source.page(question, cursor && JSON.parse(JSON.stringify(cursor)), { caller: 'test' })
    if (!page.ok) throw new Error(page.why.kind)
    const { symbols, openedAt, close } = page.value.table
    told.push(`${symbols.join()} ${openedAt.join()} ${close.join()}`)
    cursor = page.value.next
  } while (cursor)
  expect(told).toEqual([`AAPL ${AT} 10.5`, `KO ${AT} 10.5`, '  '])
  expect(unanswered).toEqual([expect.stringMatching(/^NONE: /)])
})

test('a Yahoo that is away is no source, and neither is it one of other bars than minutes', async () => {
  const { source } = await minutesOf((response) => void response.writeHead(503).end())
  expect(await source.page(question, undefined, { caller: 'test' })).toMatchObject({ ok: false, why: { kind: 'unreachable' } })
  expect(await source.page({ ...question, timeframe: '1h' }, undefined, { caller: 'test' })).toMatchObject({ ok: false })
})
