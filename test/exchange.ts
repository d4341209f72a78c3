import { decode, encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import { sessionsBetween } from '#domain/calendar.ts'
import { microUsd } from '#domain/money.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import type { FillModel } from '#matching/fill-model.ts'
import { type OpenExchange, openExchange } from '../standins/exchange/exchange.server.ts'
import type { ExchangeOptions } from '../standins/exchange/exchange-options.ts'
import { randomWalkTape } from '../standins/exchange/random-walk.ts'

/** The usual keys of exchanges under test. */
export const KEYS = { keyId: 'PKTEST', secret: 'secret' }
/** Three sessions; the exchange's clock begins with the opening of the second. */
export const SESSIONS = sessionsBetween('2018-03-27' as SessionDate, '2018-03-29' as SessionDate)
export const [BEFORE, DAY, NEXT] = SESSIONS

/** The instant `n` minutes after the second session's opening. */
export const minute = (n: number) => epochMs(DAY.opensAt + n * MINUTE_MS)

/** Costs as they are by default. */
export const FILL_MODEL: FillModel = {
  halfSpreadBps: 1,
  slippageBps: 0.5,
  participation: 0.1,
  secFeePerMillion: 27.8,
  tafPerShare: 0.000166,
  tafMaximum: 8.3,
  borrowRate: 0.003,
  marginMultiplier: 2,
}

/** An exchange over random walks of CVX, KO and XOM, unless `options` say otherwise. */
export function openTestExchange(options: Partial<ExchangeOptions> = {}): Promise<OpenExchange> {
  return openExchange({
    tape: randomWalkTape(3, ['CVX', 'KO', 'XOM'] as Symbol_[], SESSIONS),
    sessions: SESSIONS,
    speed: 'max',
    startAt: DAY.opensAt,
    fillModel: FILL_MODEL,
    startingCash: microUsd(100_000),
    keys: KEYS,
    host: '127.0.0.1',
    port: 0,
    ...options,
  })
}

/** Exchanges of one test, closed together. */
export function exchanges() {
  const open: OpenExchange[] = []
  return {
    open: async (options: Partial<ExchangeOptions> = {}) => {
      const exchange = await openTestExchange(options)
      open.push(exchange)
      return exchange
    },
    closeAll: async () => {
      await Promise.all(open.splice(0).map((exchange) => exchange.close()))
    },
  }
}

export type Answered = { readonly status: number; readonly headers: Headers; readonly body: ReturnType<typeof JSON.parse> }

/** One request with the usual keys, which `headers` may replace. */
export async function ask(
  exchange: OpenExchange,
  path: string,
  { method = 'GET', body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const reply = await fetch(exchange.url + path, {
    method,
    headers: {
      'apca-api-key-id': KEYS.keyId,
      'apca-api-secret-key': KEYS.secret,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** Lets the exchange's clock come to `until`; how many bars and trade updates have been sent by then. */
export async function sleepUntil(exchange: OpenExchange, until: number): Promise<{ bars: number; tradeUpdates: number }> {
  const { body } = await ask(exchange, '/sandbox/clock/sleep', { method: 'POST', body: { consumer: 'test', until } })
  return body.delivered
}

/** A bare socket that keeps what it hears as it came; `heard` waits for a number of messages. */
export async function socketTo(
  address: string,
  { codec = 'json', headers = {} }: { codec?: 'json' | 'msgpack'; headers?: Record<string, string> } = {},
) {
  const contentType = codec === 'msgpack' ? { 'content-type': 'application/msgpack' } : {}
  const socket = new WebSocket(address, { headers: { ...contentType, ...headers }, perMessageDeflate: false })
  const payloads: Buffer[] = []
  let isClosed = false
  socket.on('message', (payload: Buffer) => payloads.push(payload))
  socket.on('close', () => {
    isClosed = true
  })
  const read = (payload: Buffer): ReturnType<typeof JSON.parse> =>
    codec === 'msgpack' ? decode(payload) : JSON.parse(payload.toString())
  const payloadsOf = async (count: number) => {
    while (payloads.length < count && !isClosed) await new Promise(setImmediate)
    return payloads
  }
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    socket,
    say: (message: unknown) => socket.send(codec === 'msgpack' ? encode(message) : JSON.stringify(message)),
    payloads: payloadsOf,
    heard: async (count: number) => (await payloadsOf(count)).map(read),
    closed: async () => {
      while (!isClosed) await new Promise(setImmediate)
    },
    isClosed: () => isClosed,
  }
}

export const AUTH = { action: 'auth', key: KEYS.keyId, secret: KEYS.secret }

/** A data stream that is let in and has subscribed: three messages heard. */
export async function subscribed(exchange: OpenExchange, channels: object, codec: 'json' | 'msgpack' = 'json') {
  const stream = await socketTo(`${exchange.streamUrl}/v2/iex`, { codec })
  stream.say(AUTH)
  stream.say({ action: 'subscribe', ...channels })
  await stream.heard(3)
  return stream
}
