import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { instantFrom } from '#domain/units.ts'
import type { MarketChannels, MarketNews } from './market-news.ts'
import { openMarketStream } from './market-stream.client.ts'
import { scriptedExchange, type Talk } from './scripted-exchange.server.ts'
import { virtualTimer } from './virtual-timer.client.ts'

const OPEN = instantFrom('2018-03-28T13:30:00Z')
const [KO, PEP] = ['KO', 'PEP'] as Symbol_[]
const CHANNELS: MarketChannels = { bars: [KO, PEP], updatedBars: [KO, PEP], dailyBars: [], statuses: ['*'] }
const NO_CHANNELS = { trades: [], quotes: [], bars: [], updatedBars: [], dailyBars: [], statuses: [], lulds: [] }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Lets a stream in, and acknowledges with all channels, as Alpaca does; `refusing` says when it answers 406 instead. */
const admitting = (refusing: () => boolean) => (talk: Talk, message: unknown) => {
  const { action, ...channels } = message as { action: string }
  if (action === 'auth' && refusing()) {
    talk.send([{ T: 'error', code: 406, msg: 'connection limit exceeded' }])
    talk.socket.close()
  } else if (action === 'auth') talk.send([{ T: 'success', msg: 'authenticated' }])
  else talk.send([{ T: 'subscription', ...NO_CHANNELS, ...channels }])
}

async function listening(onMessage: (talk: Talk, message: unknown) => void, seed = 1) {
  const exchange = await scriptedExchange(() => 'cut', onMessage)
  const timer = virtualTimer(OPEN)
  const news: MarketNews[] = []
  const troubles: string[] = []
  const random = randomStream(seed, 'market-stream')
  const stream = openMarketStream({
    ...{ name: 'bars', url: `${exchange.url.replace('http', 'ws')}/v2/iex`, keys: { keyId: 'k', secret: 's' } },
    ...{ channels: CHANNELS, timer, random: random.uniform },
    onNews: (one) => news.push(one),
    onTrouble: (fault) => troubles.push(fault.code),
  })
  closing.push(exchange.close, stream.close)
  const answers = () => news.filter(({ kind }) => kind === 'up' || kind === 'refused').length
  /** Lets time pass until `holds`; it stands while the exchange answers somebody who dialled. */
  const until = async (holds: () => boolean) => {
    for (; !holds(); await setImmediate()) if (exchange.talks.length === answers()) await timer.advance(20)
  }
  const kinds = () => news.map(({ kind }) => kind)
  const open = () => exchange.talks.filter(({ socket }) => socket.readyState <= 1)
  return { exchange, timer, stream, news, kinds, troubles, until, open }
}

const bar = (T: string, S: string, minute: number) => ({
  ...{ T, S, o: 1, h: 2, l: 0.5, c: 1.5, v: 100, n: 4, vw: 1.25, t: new Date(OPEN + minute * 60_000) },
})

describe('a market stream', () => {
  test('tells bars, corrections and statuses, what arrives together in one piece', async () => {
    const { exchange, news, until } = await listening(admitting(() => false))
    await until(() => news.length === 1)
    exchange.talks[0]?.send([bar('b', 'KO', 0), bar('b', 'PEP', 0), bar('u', 'KO', 0)])
    exchange.talks[0]?.send([{ T: 's', S: 'KO', sc: 'H', sm: 'Halted', rc: 'LUDP', rm: '', t: new Date(OPEN), z: 'A' }])
    await until(() => news.length === 4)
    const row = { openedAt: OPEN, open: 1, high: 2, low: 0.5, close: 1.5, volumeShares: 100, vwap: 1.25, trades: 4 }
    expect(news).toEqual([
      { kind: 'up' },
      {
        kind: 'bars',
        rows: [
          { symbol: KO, ...row },
          { symbol: PEP, ...row },
        ],
      },
      { kind: 'updated-bars', rows: [{ symbol: KO, ...row }] },
      { kind: 'statuses', statuses: [{ symbol: KO, at: OPEN, status: 'H', reason: 'LUDP' }] },
    ])
  })

  test('tells its owner of a bar that cannot be read, and goes on with the others', async () => {
    const { exchange, news, troubles, until } = await listening(admitting(() => false))
    await until(() => news.length === 1)
    exchange.talks[0]?.send([{ ...bar('b', 'KO', 0), c: 'much' }, bar('b', 'PEP', 0)])
    await until(() => news.length === 2)
    expect(news[1]).toMatchObject({ rows: [{ symbol: PEP }] })
    expect(troubles).toEqual(['ALPACA_ANSWER_UNDECODABLE'])
  })

  test('that is killed 50 times subscribes to the same each time, on one socket, and tells every bar once', async () => {
    const { exchange, kinds, news, until, open } = await listening(admitting(() => false))
    const ups = () => kinds().filter((kind) => kind === 'up').length
    for (let kill = 0; kill < 50; kill++) {
      await until(() => ups() === kill + 1)
      expect(open()).toHaveLength(1)
      open()[0]?.send([bar('b', 'KO', kill)])
      await until(() => kinds().at(-1) === 'bars')
      open()[0]?.socket.terminate()
      await until(() => kinds().at(-1) !== 'bars')
    }
    await until(() => ups() === 51)
    const wanted = { action: 'subscribe', bars: [KO, PEP], updatedBars: [KO, PEP], statuses: ['*'] }
    for (const { said } of exchange.talks) expect(said.slice(1)).toEqual([wanted])
    expect(exchange.talks).toHaveLength(51)
    const told = news.flatMap((one) => (one.kind === 'bars' ? one.rows.map(({ openedAt }) => (openedAt - OPEN) / 60_000) : []))
    expect(told).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  test.each([1, 2, 3])(
    'that is refused with 406 for 90 s dials at most 8 times and stands within 120 s (seed %i)',
    async (seed) => {
      let began = Number.POSITIVE_INFINITY
      let most = 0
      const { exchange, timer, kinds, until, open, troubles } = await listening((talk, message) => {
        most = Math.max(most, open().length)
        admitting(() => began <= timer.now() && timer.now() < began + 90_000)(talk, message)
      }, seed)
      await until(() => kinds().includes('up'))
      await timer.advance(60_000)
      began = timer.now()
      exchange.talks[0]?.socket.terminate()
      await until(() => kinds().at(-1) === 'down')
      await until(() => kinds().at(-1) === 'up')
      expect(timer.now() - began).toBeLessThanOrEqual(120_000)
      expect(exchange.talks.length - 1).toBeLessThanOrEqual(8)
      expect(most).toBe(1)
      expect(kinds().filter((kind) => kind === 'refused').length).toBe(exchange.talks.length - 2)
      expect(troubles).toEqual([])
    },
  )

  test('that is given up dials again only when its socket is gone', async () => {
    const { stream, kinds, until, open, news } = await listening(admitting(() => false))
    await until(() => kinds().includes('up'))
    stream.renew('it said nothing')
    stream.renew('it said nothing')
    await until(() => kinds().length === 3)
    expect(news).toEqual([{ kind: 'up' }, { kind: 'down', cause: 'it said nothing' }, { kind: 'up' }])
    expect(open()).toHaveLength(1)
  })

  test('is not up while the exchange confirms another subscription than was asked for', async () => {
    let isShort = true
    const { exchange, until, kinds, stream } = await listening((talk, message) => {
      const { action, ...channels } = message as { action: string; bars?: string[] }
      if (action === 'auth') talk.send([{ T: 'success', msg: 'authenticated' }])
      else if (isShort) {
        talk.send([{ T: 'subscription', ...NO_CHANNELS, ...channels, bars: ['KO'] }])
        talk.socket.close()
      } else talk.send([{ T: 'subscription', ...NO_CHANNELS, ...channels }])
    })
    await until(() => kinds().at(-1) === 'refused')
    isShort = false
    await until(() => kinds().at(-1) === 'up')
    expect(kinds()).not.toContain('down')
    await stream.close()
    expect(exchange.talks.every(({ socket }) => socket.readyState === 3)).toBe(true)
  })
})
