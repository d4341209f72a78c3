import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { QuarantineDetailView, QuarantineEntryView, QuarantineView } from '#api/contract.ts'
import { runCommandLine } from '#cli/command-line.command.ts'
import type { Program } from '#cli/program.ts'
import type { Database } from '#database/connection.client.ts'
import { lastSessionClosedBy, sessionsBefore } from '#domain/calendar.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { saveBars } from '#market/bars.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { sayJson, scriptedYahoo } from '#sources/yahoo/scripted-yahoo.server.ts'
import { demoFlows } from '../../test/browser/demo-flows.ts'
import { openPage } from '../../test/browser/page.ts'
import { freshDatabase } from '../../test/database.ts'
import { unaskedProgram } from '../../test/unasked-program.ts'
import { qualityProgram } from './quality-program.client.ts'

const LAST = lastSessionClosedBy(epochMs(Date.now()))
const SESSIONS = [...sessionsBefore(LAST.date, 19), LAST]
const CLOSES = SESSIONS.map((_, i) => 70 + (i % 4))
const SPIKE = SESSIONS[12]
const unasked = () => Promise.reject(new Error('not asked'))

let database: Database
const closing: (() => unknown)[] = []
let env: NodeJS.ProcessEnv = {}
beforeAll(async () => {
  database = await freshDatabase()
  const yahoo = await scriptedYahoo((response, { path, query }) => {
    if (path.startsWith('/v8')) {
      const isKo = path.endsWith('/KO')
      const quote = { open: CLOSES, high: CLOSES, low: CLOSES, close: CLOSES, volume: CLOSES }
      const timestamp = SESSIONS.map(({ opensAt }) => opensAt / 1000)
      if (isKo)
        sayJson(response, 200, { chart: { result: [{ meta: {}, timestamp, indicators: { quote: [quote] } }], error: null } })
      else sayJson(response, 404, { chart: { result: null, error: { code: 'Not Found', description: 'No data found' } } })
    }
    const officer = { maxAge: 1, name: 'Jane Roe', title: 'CEO', totalPay: 1000, fiscalYear: 2025 }
    const summary = {
      assetProfile: { sector: 'Energy', companyOfficers: [officer], maxAge: 1 },
      price: { maxAge: 1, longName: 'Coca-Cola' },
    }
    if (path.includes('quoteSummary')) sayJson(response, 200, { quoteSummary: { result: [summary], error: null } })
    if (path.startsWith('/v7')) {
      const quote = { symbol: query.get('symbols'), regularMarketPrice: 70, regularMarketTime: LAST.closesAt / 1000 }
      sayJson(response, 200, { quoteResponse: { result: [quote], error: null } })
    }
  })
  const alpaca = createServer((_, response) => {
    const article = {
      id: 1,
      headline: 'Sugar',
      author: '',
      summary: '',
      content: '',
      url: 'https://example.com/1',
      images: [],
      symbols: ['KO'],
    }
    const at = new Date().toISOString()
    sayJson(response, 200, { news: [{ ...article, source: 'benzinga', created_at: at, updated_at: at }], next_page_token: null })
  })
  await new Promise<void>((resolve) => alpaca.listen(0, '127.0.0.1', resolve))
  closing.push(yahoo.close, () => alpaca.close())
  env = {
    SPREADWORKS_YAHOO_URL: yahoo.url,
    SPREADWORKS_YAHOO_SPACING_MS: '0',
    SPREADWORKS_ALPACA_DATA_URL: `http://127.0.0.1:${(alpaca.address() as AddressInfo).port}`,
  }
  const openedAt = Float64Array.from(SESSIONS, ({ opensAt }) => opensAt) as never
  const close = Float64Array.from(CLOSES, (price, i) => (i === 12 ? 100 * price : price)) as never
  const bars = { symbol: 'KO' as Symbol_, openedAt, open: close, high: close, low: close, close, volumeShares: close }
  await saveBars(database.pool, bars, { timeframe: '1d', feed: 'iex' })
})
afterAll(async () => {
  for (const close of closing) close()
  await database.close()
})

async function run(line: string, more: NodeJS.ProcessEnv = {}) {
  let [out, err] = ['', '']
  const terminal: Program['terminal'] = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    isWatched: false,
    columns: () => 80,
  }
  const openStore = async () => ({
    ...(await readSettingsFiles({ ...env, ...more })),
    database: { ...database, close: async () => {} },
  })
  const program: Program = { ...unaskedProgram(terminal, unasked), quality: qualityProgram(openStore) }
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
  const code = await runCommandLine(words, program, new AbortController().signal)
  return { code, out, err }
}

test('a spike is found, shown with its evidence, and decided from the command line and the page, all of it on record', async () => {
  expect((await run('quarantine list')).out).toBe('Nothing waits for a decision.\n')
  const checked = await run('quarantine check KO NONE --sessions 20')
  expect(checked).toMatchObject({
    code: 0,
    out: expect.stringContaining('iex with yahoo: 1 symbols, 1 of them with closes of both; 1 asked'),
  })
  expect(checked.out).toContain('1 newly held back, 0 withdrawn')
  const { entries } = QuarantineView.parse(JSON.parse((await run('quarantine list --json')).out))
  const [{ id }] = entries
  expect(entries).toMatchObject([{ symbol: 'KO', feed: 'iex', rule: 'spike', from: SPIKE.date, state: 'held' }])
  expect((await run('quarantine list')).out).toContain(
    `iex stands at 100.00 times yahoo on ${SPIKE.date}, and not on the days around.`,
  )
  expect((await run(`quarantine show ${id}`)).out).toMatch(new RegExp(`${SPIKE.date} \\*  7000.00  +70.00`))
  expect(await run(`quarantine accept ${id}`)).toMatchObject({ code: 2 })
  expect(await run(`quarantine accept ${id} --note " "`)).toMatchObject({ code: 2 })
  expect((await run(`quarantine reject ${id} --note "a tick too many"`)).out).toBe(`KO ${id}: rejected.\n`)

  const api = await openPage(database.pool, demoFlows())
  closing.push(api.close)
  const ask = async (path: string, body?: object) => {
    const options = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(`${api.url}/api/quarantine${path}`, options)
    return { status: answer.status, json: await answer.json() }
  }
  expect(QuarantineView.parse((await ask('')).json)).toMatchObject({
    entries: [],
    sources: [{ source: 'yahoo', unavailableUntil: null }],
  })
  expect(QuarantineView.parse((await ask('?all=true')).json).entries).toHaveLength(1)
  expect(QuarantineEntryView.parse((await ask(`/${id}/accept`, { note: 'seen on the tape' })).json)).toMatchObject({
    state: 'accepted',
  })
  expect(await ask(`/${id}/accept`, { note: ' ' })).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  expect(await ask('/nothing/reject', { note: 'x' })).toMatchObject({ status: 404, json: { code: 'QUARANTINE_UNKNOWN' } })
  const { audit } = QuarantineDetailView.parse((await ask(`/${id}`)).json)
  expect(audit.map(({ action, by, note }) => [action, by.replace(/\(.*\)/, '(…)'), note])).toEqual([
    ['held', 'two-source check', expect.stringContaining('100.00 times')],
    ['rejected', 'command line (…)', 'a tick too many'],
    ['accepted', 'page', 'seen on the tape'],
  ])
})

test('companies are loaded and shown, and one that was not is named', async () => {
  expect((await run('companies load KO')).out).toContain(
    '1 companies loaded, 0 younger than a week, 0 without an answer, 1 prices.',
  )
  expect((await run('companies show KO')).out).toMatch(/^KO Coca-Cola\nEnergy\n {2}Jane Roe, CEO \(1000 in 2025\)\nyahoo, /)
  expect(await run('companies show XOM')).toMatchObject({ code: 2, err: expect.stringContaining('COMPANY_UNKNOWN') })
  expect(await run('companies load', { SPREADWORKS_YAHOO_ENABLED: 'false' })).toMatchObject({
    err: expect.stringContaining('YAHOO_DISABLED'),
  })
  expect(await run('quarantine check --feed yahoo')).toMatchObject({ code: 2, err: expect.stringContaining('CHECK_NEEDS_TWO') })
  expect(await run('quarantine check --feed sip')).toMatchObject({
    ...{
      code: 2,
      out: '',
      err: expect.stringMatching(/No bars of the feed 'sip' are stored to be checked; there are .*iex.*FEED_UNKNOWN/),
    },
  })
})

test('news is off without a key, and kept with one', async () => {
  const off = await run('news load')
  expect(off).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/set .* NEWS_API_KEY, in the environment\. \(NEWS_KEYS_MISSING\)\n$/),
  })
  const keys = { ALPACA_API_KEY: 'k', ALPACA_SECRET_KEY: 's' }
  expect((await run('news load', keys)).out).toBe('alpaca: 1 articles, 1 new\n')
  expect((await run('news list KO')).out).toMatch(/KO +benzinga +Sugar/)
  expect((await run('news list XOM')).out).toContain('No news is stored')
})
