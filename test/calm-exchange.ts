import { WebSocket } from 'ws'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing, Tape } from '#domain/tape.ts'
import { MINUTE_MS } from '#domain/units.ts'
import type { OpenExchange } from '../standins/exchange/exchange.server.ts'
import type { ExchangeOptions } from '../standins/exchange/exchange-options.ts'
import { DAY, FILL_MODEL, KEYS, minute, NEXT, openTestExchange, SESSIONS } from './exchange.ts'

export { DAY, KEYS, minute, NEXT, SESSIONS }

type Prices = {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}
const CALM: Prices = { open: 100, high: 100.5, low: 99.5, close: 100, volume: 10_000 }
const listing = (symbol: string, shortable: boolean): Listing => ({
  symbol: symbol as Symbol_,
  name: `${symbol} Inc.`,
  exchange: 'NYSE',
  shortable,
})
const LISTINGS = [listing('KO', true), listing('XOM', false)]

/** A market in which nothing happens at 100 a share, but for what `unless` says of a minute counted from the day's open. */
export function calmTape(unless: (n: number) => Partial<Prices> | undefined = () => undefined): Tape {
  return {
    feed: 'calm',
    listings: LISTINGS,
    rowsBetween: async (from, until) => {
      const opened = Array.from({ length: Math.max(0, Math.ceil((until - from) / MINUTE_MS)) }, (_, i) => from + i * MINUTE_MS)
      const rows = opened.flatMap((at) => LISTINGS.map((_, s) => ({ at, s, ...CALM, ...unless((at - DAY.opensAt) / MINUTE_MS) })))
      const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of)
      return {
        openedAt: column((row) => row.at),
        symbolIndex: Uint16Array.from(rows, (row) => row.s),
        open: column((row) => row.open),
        high: column((row) => row.high),
        low: column((row) => row.low),
        close: column((row) => row.close),
        volumeShares: column((row) => row.volume),
      }
    },
  }
}

const open: OpenExchange[] = []
export async function exchangeAt(options: Partial<ExchangeOptions> = {}): Promise<OpenExchange> {
  const exchange = await openTestExchange({
    tape: calmTape(),
    fillModel: { ...FILL_MODEL, halfSpreadBps: 0, slippageBps: 0 },
    ...options,
  })
  open.push(exchange)
  return exchange
}
export const closeAll = async (): Promise<void> => {
  await Promise.all(open.splice(0).map((exchange) => exchange.close()))
}

export async function call(exchange: OpenExchange, method: string, path: string, body?: object) {
  const reply = await fetch(exchange.url + path, {
    method,
    headers: { 'apca-api-key-id': KEYS.keyId, 'apca-api-secret-key': KEYS.secret, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await reply.text()
  return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) }
}
export const read = async (exchange: OpenExchange, path: string) => (await call(exchange, 'GET', path)).body
export const sleepUntil = (exchange: OpenExchange, until: number) =>
  call(exchange, 'POST', '/sandbox/clock/sleep', { consumer: 'test', until })
export const order = (exchange: OpenExchange, clientOrderId: string, more: object = {}) =>
  call(exchange, 'POST', '/v2/orders', {
    symbol: 'KO',
    qty: 10,
    side: 'buy',
    type: 'market',
    time_in_force: 'day',
    client_order_id: clientOrderId,
    ...more,
  })
export const limit = (price: number, more: object = {}) => ({ type: 'limit', limit_price: price, ...more })
export const byClientId = (exchange: OpenExchange, clientOrderId: string) =>
  read(exchange, `/v2/orders:by_client_order_id?client_order_id=${clientOrderId}`)

/** A bare trading socket that keeps what it hears, and whether each frame was binary. */
export async function tradingSocket(exchange: OpenExchange) {
  const socket = new WebSocket(`${exchange.streamUrl}/stream`)
  const heard: {
    readonly isBinary: boolean
    readonly message: { readonly stream?: string; readonly data: Record<string, unknown> }
  }[] = []
  socket.on('message', (payload: Buffer, isBinary: boolean) => heard.push({ isBinary, message: JSON.parse(payload.toString()) }))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const until = async (count: number) => {
    while (heard.length < count) await new Promise(setImmediate)
    return heard
  }
  return {
    say: (message: object | string) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    heard: until,
  }
}

/** A trading socket that listens; `events` waits for that many updates and tells them. */
export async function listening(exchange: OpenExchange) {
  const socket = await tradingSocket(exchange)
  socket.say({ action: 'authenticate', data: { key_id: KEYS.keyId, secret_key: KEYS.secret } })
  socket.say({ action: 'listen', data: { streams: ['trade_updates'] } })
  await socket.heard(2)
  return {
    ...socket,
    events: async (count: number) => (await socket.heard(count + 2)).slice(2).map(({ message }) => message.data),
  }
}
/** Each update as its event and the client id of its order. */
export const storyOf = (events: readonly Record<string, unknown>[]) =>
  events.map(({ event, order: told }) => `${event} ${JSON.parse(JSON.stringify(told)).client_order_id}`)

/** What an order that is not taken is told: status, code and message. */
export const refusal = async (exchange: OpenExchange, more: object): Promise<unknown[]> => {
  const { status, body } = await order(exchange, `r${JSON.stringify(more)}`.slice(0, 128), more)
  return [status, body.code, body.message]
}
