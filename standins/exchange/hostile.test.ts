import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUTH, ask, exchanges, KEYS, socketTo } from '../../test/exchange.ts'
import type { OpenExchange } from './exchange.server.ts'

const { open, closeAll } = exchanges()
let exchange: OpenExchange
beforeAll(async () => {
  exchange = await open()
})
afterAll(closeAll)

const BARS = '/v2/stocks/bars?timeframe=1Min'
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${exchange.url}/v2/orders`, {
    method: 'POST',
    headers: { 'apca-api-key-id': KEYS.keyId, 'apca-api-secret-key': KEYS.secret, ...headers },
    body,
  })

/** What the exchange answers to bytes that no client of ours would send. */
function bytes(text: string): Promise<string> {
  const { hostname, port } = new URL(exchange.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let heard = ''
    socket.on('data', (part) => {
      heard += part
    })
    socket.on('close', () => resolve(heard))
    socket.on('error', reject)
  })
}

describe('whatever is asked', () => {
  test.each([
    ['/v2/orders/%zz', 400],
    [`/v2/orders/${'x'.repeat(3_000)}`, 404],
    ['/v2/stocks/..%2f..%2fetc/bars?timeframe=1Min', 400],
    ['/v2/stocks/KO,XOM/bars?timeframe=1Min', 400],
    ['/v2/stocks/KO,XOM/bars/latest', 400],
    [`${BARS}&symbols=KO&timeframe=1Day`, 400],
    [`${BARS}&symbols=KO&limit=10001`, 400],
    [`${BARS}&symbols=KO&start=NaN`, 400],
    [`${BARS}&symbols=KO&page_token=x`, 400],
    ['/v2/orders?after=1', 422],
    ['/v2/orders?limit=NaN', 422],
    ['/v2/assets?status=sold', 422],
    ['/v2/account/activities?page_token=none', 422],
    ['/v2/account/activities?date=2018-99-99', 422],
    ['/v2/account/portfolio/history?start=soon', 422],
    ['/v2/watchlists/__proto__', 404],
  ])('%s is refused with a code, a message and a request id', async (path, expected) => {
    const { status, body, headers } = await ask(exchange, path)
    expect([status, Number.isInteger(body.code), typeof body.message]).toEqual([expected, true, 'string'])
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
  })

  test('so is a body that is too large, too deep, or none', async () => {
    for (const [body, expected] of [
      ['x'.repeat(2 * 1024 * 1024), 413],
      ['['.repeat(200_000), 400],
      [`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, 422],
      ['', 422],
      ['null', 422],
      ['NaN', 400],
    ] as const) {
      const reply = await post(body, { 'content-type': 'application/json' })
      expect([reply.status, typeof JSON.parse(await reply.text()).code]).toEqual([expected, 'number'])
    }
  })

  test('so is what is no HTTP, or a head beyond all measure', async () => {
    const unread = await bytes('let me in\r\n\r\n')
    expect(unread).toMatch(/^HTTP\/1.1 400 .*x-request-id: \w{32}.*"code":40010000/s)
    const long = await bytes(`GET /v2/clock HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`)
    expect(long).toMatch(/^HTTP\/1.1 431 .*"code":43110000/s)
  })

  test('all time since the beginning of time is no more than the calendar', async () => {
    for (const start of ['-271821-04-21T00:00:00Z', '0001-01-01T00:00:00Z', '1900-01-01']) {
      for (const kind of ['bars?timeframe=1Min&', 'bars?timeframe=12Month&', 'trades?', 'auctions?']) {
        const { status } = await ask(exchange, `/v2/stocks/${kind}symbols=KO&limit=1&start=${encodeURIComponent(start)}`)
        expect(status).toBe(200)
      }
    }
    expect((await ask(exchange, `${BARS}&symbols=KO&start=1900-01-01&end=1800-01-01`)).status).toBe(400)
    expect((await ask(exchange, `${BARS}&symbols=KO&start=1800-01-01&end=1900-01-01`)).body.bars).toEqual({})
  })
})

describe('clients of other languages', () => {
  test('may write a list as one parameter given several times, and leave parameters empty', async () => {
    const { body } = await ask(exchange, '/v2/stocks/snapshots?symbols=KO&symbols=XOM&feed=')
    expect(Object.keys(body)).toEqual(['KO', 'XOM'])
    expect((await ask(exchange, `${BARS}&symbols=KO&start=&end=&limit=&page_token=&sort=`)).status).toBe(200)
    expect((await ask(exchange, '/v3/clock?markets=NYSE&markets=NASDAQ')).body.clocks).toHaveLength(2)
  })

  test('may ask for thousands of symbols at once', async () => {
    const many = Array.from({ length: 8_000 }, (_, n) => `A${n.toString(26).replace(/\d/g, (d) => 'QRSTUVWXYZ'[Number(d)])}`)
    const names = many.map((name) => name.toUpperCase()).join(',')
    expect((await ask(exchange, `${BARS}&symbols=KO,${names}`)).status).toBe(200)
  })

  test('may call a body what they like, or nothing', async () => {
    const body = JSON.stringify({ symbol: 'KO', qty: 1, side: 'buy', type: 'market', time_in_force: 'day' })
    for (const type of ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'application/json; charset=utf-8'])
      expect((await post(body, { 'content-type': type })).status).toBe(200)
  })

  test('may leave a plus sign bare in an instant', async () => {
    expect((await ask(exchange, '/v2/orders?after=2018-03-01T00:00:00+00:00')).status).toBe(200)
  })
})

describe('a stream', () => {
  const stream = async (path: string) => socketTo(`${exchange.streamUrl}${path}`)

  test('hangs up on a message of many megabytes, without keeping it', async () => {
    for (const path of ['/v2/iex', '/stream', '/v1beta1/news']) {
      const client = await stream(path)
      const code = new Promise((resolve) => client.socket.once('close', resolve))
      client.socket.on('error', () => undefined)
      client.socket.send('x'.repeat(5 * 1024 * 1024))
      expect(await code).toBe(1009)
    }
  })

  test('keeps no more symbols than there can be', async () => {
    const client = await stream('/v2/iex')
    client.say(AUTH)
    const block = (letter: string) => Array.from({ length: 30_000 }, (_, n) => `${letter}${n}`)
    client.say({ action: 'subscribe', bars: block('A') })
    client.say({ action: 'subscribe', bars: block('B') })
    client.say({ action: 'subscribe', bars: ['x'.repeat(33)] })
    const heard = await client.heard(5)
    expect(heard.slice(3).map(([{ code }]) => code)).toEqual([405, 400])
  })
})
