import type { IncomingMessage } from 'node:http'
import { encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import type { Listing } from '#domain/tape.ts'
import { type BarEncoder, jsonBars, msgpackBars, type Wanted } from './bar-frames.ts'
import {
  CONNECTED,
  errorFrame,
  hear,
  type MarketReply,
  type MarketSession,
  NEW_SESSION,
  type StreamKeys,
} from './market-session.ts'
import type { MinuteOfRows } from './replay.ts'
import { decodeMessage } from './socket-message.ts'

/** A client that lets this much pile up is cut off with code 407. */
const SLOW_CLIENT_BYTES = 64 * 1024 * 1024
/** At full speed the replay waits while more than this is unsent. */
const SETTLED_BYTES = 1024 * 1024

export type MarketStream = {
  readonly connect: (socket: WebSocket, request: IncomingMessage, feed: string) => void
  /** Sends the minute's bars to whoever listens. */
  readonly emit: (minute: MinuteOfRows) => void
  /** Bars sent so far, over all connections. */
  readonly barsSent: () => number
  /** Whether clients lag behind what was sent. */
  readonly isBehind: () => boolean
  /** Hangs up on clients that lag behind, with code 407. */
  readonly cutOff: () => void
  readonly close: () => void
}

type Client = { readonly socket: WebSocket; readonly isMsgpack: boolean; session: MarketSession; wanted: Wanted | undefined }

/** Alpaca's v2 stock data stream, in JSON or MessagePack as the handshake's content type says. */
export function createMarketStream(terms: {
  readonly keys: StreamKeys
  readonly feed: string
  readonly listings: readonly Listing[]
  readonly authTimeoutMs: number
}): MarketStream {
  const { keys, listings } = terms
  const clients = new Set<Client>()
  const encoders: Record<'json' | 'msgpack', BarEncoder> = { json: jsonBars(listings), msgpack: msgpackBars(listings) }
  let barsSent = 0

  const send = (client: Client, frame: readonly object[]) => {
    client.socket.send(client.isMsgpack ? encode(frame) : JSON.stringify(frame))
  }
  const apply = (client: Client, reply: MarketReply) => {
    client.session = reply.session
    client.wanted = wantedOf(reply.session, listings)
    for (const frame of reply.frames) send(client, frame)
    if (reply.isClosing) client.socket.close()
  }
  const hangUpSlow = (client: Client) => {
    send(client, errorFrame(407))
    client.socket.terminate()
    clients.delete(client)
  }
  const isBehind = ({ socket }: Client) => socket.bufferedAmount > SETTLED_BYTES
  const isKeyInUse = () => [...clients].some((c) => c.session.isAuthenticated && c.socket.readyState === WebSocket.OPEN)

  const connect: MarketStream['connect'] = (socket, request, feed) => {
    const isMsgpack = request.headers['content-type'] === 'application/msgpack'
    const client: Client = { socket, isMsgpack, session: NEW_SESSION, wanted: undefined }
    const marketTerms = { keys, isFeedOffered: feed === terms.feed, isKeyInUse }
    clients.add(client)
    const patience = setTimeout(() => {
      if (client.session.isAuthenticated) return
      send(client, errorFrame(404))
      socket.close()
    }, terms.authTimeoutMs)
    socket.on('message', (payload) => {
      apply(client, hear(client.session, decodeMessage(payload, isMsgpack ? 'msgpack' : 'json'), marketTerms))
    })
    socket.on('close', () => {
      clearTimeout(patience)
      clients.delete(client)
    })
    // The close that follows says all there is to do.
    socket.on('error', () => undefined)
    send(client, CONNECTED)
    const key = request.headers['apca-api-key-id']
    const secret = request.headers['apca-api-secret-key']
    if (key !== undefined) apply(client, hear(client.session, { action: 'auth', key, secret }, marketTerms))
  }
  const emit = (minute: MinuteOfRows) => {
    for (const client of clients) {
      if (!client.wanted || client.socket.readyState !== WebSocket.OPEN) continue
      if (client.socket.bufferedAmount > SLOW_CLIENT_BYTES) {
        hangUpSlow(client)
        continue
      }
      const frame = encoders[client.isMsgpack ? 'msgpack' : 'json'](minute, client.wanted)
      if (!frame) continue
      client.socket.send(frame.payload)
      barsSent += frame.bars
    }
  }
  return {
    connect,
    emit,
    barsSent: () => barsSent,
    isBehind: () => [...clients].some(isBehind),
    cutOff: () => {
      for (const client of [...clients].filter(isBehind)) hangUpSlow(client)
    },
    close: () => {
      for (const { socket } of clients) socket.terminate()
    },
  }
}

function wantedOf(session: MarketSession, listings: readonly Listing[]): Wanted | undefined {
  const { bars } = session.subscriptions
  if (bars.length === 0) return undefined
  if (bars.includes('*')) return new Uint8Array(listings.length).fill(1)
  const named = new Set<string>(bars)
  return Uint8Array.from(listings, ({ symbol }) => (named.has(symbol) ? 1 : 0))
}
