import { decodeMulti } from '@msgpack/msgpack'
import { afterEach, describe, expect, test } from 'vitest'
import type { Symbol_ } from '#domain/symbol.ts'
import { isoFrom } from '#domain/units.ts'
import { AUTH, ask, DAY, exchanges, KEYS, minute, SESSIONS, sleepUntil, socketTo, subscribed } from '../../test/exchange.ts'
import { newswireOf } from './news.ts'
import { proxiedTape } from './proxied-tape.ts'
import { randomWalkTape } from './random-walk.ts'

const { open, closeAll } = exchanges()
afterEach(closeAll)

const code = (n: number) => [expect.objectContaining({ T: 'error', code: n })]
type Message = Readonly<Record<string, unknown>> & { readonly T: string; readonly S: string; readonly v: number }
const letters = (frames: readonly Message[][]) => frames.map((frame) => [...new Set(frame.map(({ T }) => T))].join())

describe('a minute', () => {
  test('comes as trades, quotes, bars and the running day, the same in both codecs', async () => {
    const everything = { trades: ['KO'], quotes: ['KO'], bars: ['KO'], dailyBars: ['KO'], updatedBars: ['KO'] }
    const heard = await Promise.all(
      (['json', 'msgpack'] as const).map(async (codec) => {
        const exchange = await open()
        const stream = await subscribed(exchange, everything, codec)
        await sleepUntil(exchange, minute(2))
        return JSON.parse(JSON.stringify((await stream.heard(11)).slice(3)))
      }),
    )
    const [json, msgpack] = heard
    expect(msgpack).toEqual(json)
    expect(letters(json)).toEqual(['t', 'q', 'b', 'd', 't', 'q', 'b', 'd'])
    const [, , [first], , trades, , [second], [day]] = json
    expect(day).toMatchObject({ v: first.v + second.v, o: first.o, c: second.c, t: '2018-03-28T04:00:00.000Z', n: 8 })
    expect(trades.at(-1)).toMatchObject({ T: 't', S: 'KO', p: second.c, c: ['derived'] })
  })

  test('names the proxy of a symbol whose bars are another one’s, in both codecs', async () => {
    const proxies = new Map([['PDFS', 'KO']] as [Symbol_, Symbol_][])
    const tape = proxiedTape(randomWalkTape(3, ['KO', 'XOM'] as Symbol_[], SESSIONS), proxies)
    for (const codec of ['json', 'msgpack'] as const) {
      const exchange = await open({ tape, proxies })
      const stream = await subscribed(exchange, { bars: ['*'] }, codec)
      await sleepUntil(exchange, minute(1))
      const [bars]: Message[][] = (await stream.heard(4)).slice(3)
      expect(bars.map(({ S, proxy }) => [S, proxy])).toEqual([
        ['KO', undefined],
        ['PDFS', 'KO'],
        ['XOM', undefined],
      ])
    }
  })

  test('is a MessagePack timestamp in every message that has a time', async () => {
    const exchange = await open()
    const stream = await subscribed(exchange, { trades: ['KO'], bars: ['KO'] }, 'msgpack')
    await sleepUntil(exchange, minute(1))
    for (const payload of (await stream.payloads(5)).slice(3)) {
      for (const frame of decodeMulti(payload)) for (const { t } of frame as { t: unknown }[]) expect(t).toBeInstanceOf(Date)
    }
  })
})

describe('a halt', () => {
  const halts = [{ symbol: 'KO' as Symbol_, from: minute(1), until: minute(3) }]

  test('is told when it begins and ends, with bands and imbalances, and leaves no bars', async () => {
    const exchange = await open({ halts })
    const stream = await subscribed(exchange, { statuses: ['*'], lulds: ['*'], imbalances: ['*'], bars: ['KO'] })
    await sleepUntil(exchange, minute(4))
    const frames: Message[][] = (await stream.heard(10)).slice(3)
    expect(letters(frames)).toEqual(['b', 's', 'l', 'i', 'i', 's', 'b'])
    expect(frames[1]).toEqual([expect.objectContaining({ S: 'KO', sc: 'H', rc: 'LUDP', t: isoFrom(minute(2)), z: 'A' })])
    expect(frames[5]).toEqual([expect.objectContaining({ sc: 'T' })])
    const { bars } = (await ask(exchange, '/v2/stocks/KO/bars?timeframe=1Min')).body
    expect(bars.map(({ t }: { t: string }) => t)).toEqual([0, 3].map((n) => isoFrom(minute(n))))
  })
})

describe('clients', () => {
  test('are let in by headers, by OAuth, and as many a key as are allowed', async () => {
    const exchange = await open({ limits: { connectionsPerKey: 2 } })
    const headers = { 'apca-api-key-id': KEYS.keyId, 'apca-api-secret-key': KEYS.secret }
    const first = await socketTo(`${exchange.streamUrl}/v2/iex`, { headers })
    expect((await first.heard(2))[1]).toEqual([{ T: 'success', msg: 'authenticated' }])
    const second = await socketTo(`${exchange.streamUrl}/v2/iex`)
    second.say({ action: 'auth', key: 'oauth', secret: KEYS.secret })
    expect((await second.heard(2))[1]).toEqual([{ T: 'success', msg: 'authenticated' }])
    const third = await socketTo(`${exchange.streamUrl}/v2/iex`)
    third.say(AUTH)
    expect((await third.heard(2))[1]).toEqual(code(406))
    await third.closed()
  })

  test('may watch as many symbols as they pay for', async () => {
    const exchange = await open({ limits: { symbolLimit: 2 } })
    const stream = await subscribed(exchange, { trades: ['KO'], quotes: ['KO', 'XOM'], bars: ['*'] })
    stream.say({ action: 'subscribe', trades: ['CVX'] })
    stream.say({ action: 'subscribe', quotes: ['*'] })
    stream.say({ action: 'unsubscribe', quotes: ['XOM'] })
    const [, , , over, star, ack] = await stream.heard(6)
    expect([over, star]).toEqual([code(405), code(405)])
    expect(ack).toEqual([expect.objectContaining({ trades: ['KO'], quotes: ['KO'], bars: ['*'] })])
  })

  test('may send a subscription in fragments, and are answered pings', async () => {
    const exchange = await open()
    const stream = await subscribed(exchange, { bars: ['KO'] })
    const text = JSON.stringify({ action: 'subscribe', bars: ['CVX', 'XOM'] })
    for (let at = 0; at < text.length; at += 7) stream.socket.send(text.slice(at, at + 7), { fin: at + 7 >= text.length })
    expect((await stream.heard(4))[3]).toEqual([expect.objectContaining({ bars: ['KO', 'CVX', 'XOM'] })])
    await new Promise((resolve) => stream.socket.once('pong', resolve).ping())
  })

  test('are counted what their open connection was sent, and no more once it is gone', async () => {
    const exchange = await open()
    const stream = await subscribed(exchange, { bars: ['*'] })
    expect(await sleepUntil(exchange, minute(2))).toEqual({ bars: 6, tradeUpdates: 0 })
    stream.socket.terminate()
    await stream.closed()
    while ((await ask(exchange, '/sandbox/status')).body.connections.data > 0) await new Promise(setImmediate)
    expect(await sleepUntil(exchange, minute(3))).toEqual({ bars: 0, tradeUpdates: 0 })
    await subscribed(exchange, { bars: ['*'] })
    expect(await sleepUntil(exchange, minute(4))).toEqual({ bars: 3, tradeUpdates: 0 })
  })

  test('that do not read are cut off, and hold no more than they may', async () => {
    const exchange = await open({ limits: { slowClientBytes: 50_000 }, speed: 1 })
    const stream = await subscribed(exchange, { bars: ['*'], trades: ['*'], quotes: ['*'] })
    stream.socket.pause()
    await ask(exchange, '/sandbox/faults', { method: 'POST', body: { kind: 'slow-frames', delayMs: 600_000 } })
    await ask(exchange, '/sandbox/clock/speed', { method: 'POST', body: { speed: 100_000 } })
    await sleepUntil(exchange, minute(120))
    stream.socket.resume()
    await stream.closed()
    expect((await stream.heard(4)).at(-1)).toEqual(code(407))
  })
})

describe('the news stream', () => {
  test('tells stories of the symbols asked for when their time comes, and knows no bars', async () => {
    const story = (id: number, symbols: string[]) => ({
      ...{ id, symbols, headline: 'H', author: '', source: 'wire', summary: '', content: '', url: undefined, images: [] },
      ...{ createdAt: minute(id), updatedAt: minute(id) },
    })
    const exchange = await open({ news: newswireOf([story(1, ['KO']), story(2, ['XOM']), story(0, ['KO'])]) })
    const stream = await socketTo(`${exchange.streamUrl}/v1beta1/news`, { codec: 'msgpack' })
    stream.say(AUTH)
    stream.say({ action: 'subscribe', bars: ['KO'] })
    stream.say({ action: 'subscribe', news: ['KO'] })
    await stream.heard(4)
    await sleepUntil(exchange, minute(2))
    const [, , wrong, ack, told] = await stream.heard(5)
    expect([wrong, ack]).toEqual([code(410), [{ T: 'subscription', news: ['KO'] }]])
    expect(told).toEqual([expect.objectContaining({ T: 'n', id: 1, created_at: new Date(minute(1)), url: null })])
    expect((await ask(exchange, '/v1beta1/news')).body.news).toHaveLength(3)
  })
})

test('the replay goes on over the close of the day into the next', async () => {
  const exchange = await open({ startAt: minute(389) })
  const stream = await subscribed(exchange, { dailyBars: ['KO'] })
  await sleepUntil(exchange, SESSIONS[2].opensAt + 60_000)
  const frames: Message[][] = (await stream.heard(5)).slice(3)
  expect(frames.map(([{ t }]) => t)).toEqual(['2018-03-28T04:00:00.000Z', '2018-03-29T04:00:00.000Z'])
  expect(frames[0][0].v).toBeGreaterThan(100 * frames[1][0].v)
  expect(DAY.closesAt).toBe(minute(390))
})
