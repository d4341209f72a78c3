import { setImmediate } from 'node:timers/promises'
import { marketData } from '@alpacahq/alpaca-trade-api'
import { afterEach, describe, expect, test } from 'vitest'
import type { BarTable } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, instantFrom } from '#domain/units.ts'
import { historyOver } from './bar-history.client.ts'
import type { BarsCursor, BarsQuestion } from './history.ts'
import { createRateGovernor } from './rate-governor.ts'
import { type Asked, type Reply, scriptedExchange } from './scripted-exchange.server.ts'
import { virtualTimer } from './virtual-timer.client.ts'

const OPEN = instantFrom('2018-03-28T13:30:00Z')
const [KO, PEP, XOM] = ['KO', 'PEP', 'XOM'] as Symbol_[]
const question: BarsQuestion = {
  symbols: [XOM, KO, PEP],
  timeframe: '1m',
  from: OPEN,
  until: epochMs(OPEN + 180_000),
  adjustment: 'split',
}
const rowOnWire = (minute: number) => ({
  ...{ t: new Date(OPEN + minute * 60_000).toISOString(), o: 10, h: 12, l: 9, c: 11 + minute, v: 500, n: 3, vw: 10.5 },
})
const page = (bars: Record<string, object[]>, next: string | null): Reply => ({
  status: 200,
  body: { bars, next_page_token: next },
})
const PAGES: Record<string, Reply> = {
  '': page({ KO: [rowOnWire(0), rowOnWire(1)] }, 'a'),
  a: page({ KO: [rowOnWire(2)], PEP: [rowOnWire(0)] }, 'b'),
  b: page({ XOM: [rowOnWire(1)] }, null),
}
const pageAsked = ({ query }: Asked): Reply => PAGES[query.get('page_token') ?? ''] ?? { status: 400, body: { message: 'token' } }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function asking(answer: (asked: Asked) => Reply | Promise<Reply>, limit?: number) {
  const exchange = await scriptedExchange(answer)
  closing.push(exchange.close)
  const timer = virtualTimer(OPEN)
  const times: number[] = []
  const governor = createRateGovernor(timer, limit)
  const configuration = new marketData.Configuration({ basePath: exchange.url, keyId: 'k', secret: 's', timeoutMs: 5000 })
  const history = historyOver(configuration, 'iex', { governor, timer, random: () => 0.5 })
  return {
    exchange,
    timer,
    times,
    history,
    ask: (one: BarsQuestion, cursor?: BarsCursor) => timer.through(history.page(one, cursor, { caller: 'test' })),
  }
}

const closes = ({ symbols, symbolIndex, close }: BarTable) => [...symbolIndex].map((s, i) => [symbols[s], close[i]])

describe('recorded bars, page by page', () => {
  test('come with feed, adjustment and timeframe asked for, each page from the cursor of the one before', async () => {
    const { ask, exchange } = await asking(pageAsked)
    const told: unknown[] = []
    let cursor: BarsCursor | undefined
    do {
      // A flow keeps its cursor as JSON, and another process goes on.
      const answer = await ask(question, cursor && JSON.parse(JSON.stringify(cursor)))
      if (!answer.ok) throw new Error(answer.why.kind)
      told.push(...closes(answer.value.table))
      cursor = answer.value.next
    } while (cursor)
    expect(told).toEqual([...[11, 12, 13].map((close) => [KO, close]), [PEP, 11], [XOM, 12]])
    expect(exchange.asked.map(({ query }) => query.get('page_token'))).toEqual([null, 'a', 'b'])
    expect(Object.fromEntries(exchange.asked[2]?.query ?? [])).toMatchObject({
      ...{ symbols: 'KO,PEP,XOM', timeframe: '1Min', feed: 'iex', adjustment: 'split', limit: '10000' },
      ...{ start: '2018-03-28T13:30:00.000Z', end: '2018-03-28T13:32:59.999Z' },
    })
  })

  test('go on from the last symbol when the exchange has forgotten the token', async () => {
    const { ask, exchange } = await asking(pageAsked)
    const answer = await ask(question, { pageToken: 'forgotten', since: undefined, symbol: PEP })
    expect(answer).toMatchObject({ ok: true, value: { next: { pageToken: 'a', since: PEP } } })
    expect(exchange.asked.map(({ query }) => query.get('symbols'))).toEqual(['KO,PEP,XOM', 'PEP,XOM'])
  })

  test('of days open with their session, and are asked for by the midnights before', async () => {
    const body = { bars: { KO: [{ ...rowOnWire(0), t: '2018-03-28T04:00:00Z' }] }, next_page_token: null }
    const { ask, exchange } = await asking(() => ({ status: 200, body }))
    const answer = await ask({ ...question, timeframe: '1d', until: epochMs(OPEN + 86_400_000) })
    if (!answer.ok) throw new Error(answer.why.kind)
    expect([...answer.value.table.openedAt]).toEqual([OPEN])
    expect(exchange.asked[0]?.query.get('start')).toBe('2018-03-28T04:00:00.000Z')
    expect(exchange.asked[0]?.query.get('end')).toBe('2018-03-29T03:59:59.999Z')
  })

  test.each([
    ['a bar without its close', { KO: [{ ...rowOnWire(0), c: undefined }] }],
    ['an instant without its offset', { KO: [{ ...rowOnWire(0), t: '2018-03-28T13:30:00' }] }],
    ['instants that do not ascend', { KO: [rowOnWire(1), rowOnWire(1)] }],
    ['a ticker that is none', { 'no ticker': [rowOnWire(0)] }],
  ])('with %s are a broken contract', async (_, bars) => {
    const { ask } = await asking(() => page(bars, null))
    await expect(ask(question)).rejects.toMatchObject({ code: 'ALPACA_ANSWER_UNDECODABLE' })
  })
})

describe('an exchange that does not answer', () => {
  /** Answers with each of `replies` in turn, then with the pages. */
  const after = (replies: Reply[]) => (asked: Asked) => replies.shift() ?? pageAsked(asked)

  test('is asked again after a pause: outages, cut answers and refusals with and without a time', async () => {
    const tooMuch = { status: 429, body: { message: 'too many requests.' } }
    const { ask, timer } = await asking(
      after([{ status: 503, body: { message: 'no' } }, 'cut', { ...tooMuch, headers: { 'retry-after': '20' } }, tooMuch]),
    )
    expect(await ask(question)).toMatchObject({ ok: true })
    // 0.375 s and 0.75 s of pauses, 20 s as told, and 24 s for the refusal that says nothing; each in steps of a second.
    expect(timer.now() - OPEN).toBeGreaterThanOrEqual(44_000)
    expect(timer.now() - OPEN).toBeLessThanOrEqual(60_000)
  })

  test('is told to be away after five attempts, and not asked again for what it refuses for good', async () => {
    const { ask, exchange } = await asking(() => ({ status: 503, body: { message: 'down' } }))
    expect(await ask(question)).toEqual({ ok: false, why: { kind: 'unreachable', cause: 'HTTP 503: down' } })
    expect(exchange.asked).toHaveLength(5)
    const forbidding = await asking(() => ({ status: 403, body: { message: 'forbidden.' } }))
    expect(await forbidding.ask(question)).toMatchObject({ ok: false, why: { kind: 'unauthorised' } })
    expect(forbidding.exchange.asked).toHaveLength(1)
  })

  test('that tells a lower limit is asked no faster', async () => {
    const limited: Reply = {
      ...{ status: 200, body: { bars: {}, next_page_token: null } },
      headers: { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59', 'x-ratelimit-reset': '1522243860' },
    }
    const { history, timer } = await asking(() => limited)
    for (let i = 0; i < 30; i++) await timer.through(history.page(question, undefined, { caller: 'test' }))
    expect(timer.now() - OPEN).toBeGreaterThan(25_000)
  })
})

describe('a question that is given up', () => {
  const never = () => new Promise<Reply>(() => undefined)
  const down = () => ({ status: 503, body: { message: 'down' } })
  const tooMuch = () => ({ status: 429, body: { message: 'too many requests.' }, headers: { 'retry-after': '3600' } })

  test.each([
    ['is not answered', never],
    ['waits to be asked again', down],
    ['waits for its turn', tooMuch],
  ])(
    'while it %s ends at once with the reason, and is not asked again',
    async (_, answer) => {
      const { history, exchange, timer } = await asking(answer)
      const leaving = new AbortController()
      const asked = history.page(question, undefined, { caller: 'test', signal: leaving.signal })
      asked.catch(() => undefined)
      while (exchange.asked.length === 0) await setImmediate()
      // What was answered has arrived when another question's answer has.
      if (answer !== never) await fetch(exchange.url).then((reply) => reply.text())
      const questions = exchange.asked.length
      leaving.abort(new Error('no longer wanted'))
      await expect(asked).rejects.toThrow('no longer wanted')
      await timer.advance(2 * 3_600_000)
      expect(exchange.asked).toHaveLength(questions)
    },
    1_000,
  )
})
