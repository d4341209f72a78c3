import type { IncomingMessage } from 'node:http'
import { encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import type { Faults } from './faults.ts'
import { createLane, type Frame, type Lane } from './faulty-lane.server.ts'
import {
  CONNECTED,
  errorFrame,
  hear,
  type MarketReply,
  type MarketSession,
  type MarketTerms,
  NEW_SESSION,
  type StreamErrorCode,
  type StreamKeys,
  type StreamKind,
  streamErrorFrom,
} from './market-session.ts'
import { decodeMessage } from './socket-message.ts'
import type { StreamLimits } from './stream-limits.ts'

/** At full speed the replay waits while more than this is unsent. */
const SETTLED_BYTES = 1024 * 1024
/** How long a client that is hung up on may take to read what was sent before. */
const PARTING_MS = 5_000

export type Codec = 'json' | 'msgpack'

export type DataClient<Wish> = { readonly codec: Codec; readonly wish: Wish; readonly lane: Lane }

export type DataSockets<Wish> = {
  readonly connect: (socket: WebSocket, request: IncomingMessage, feed: string) => void
  /** Clients that listen to something, those that fell behind having been cut off. */
  readonly listening: () => readonly DataClient<Wish>[]
  readonly connections: () => number
  /** Bars sent over the connections that are open. */
  readonly barsSent: () => number
  readonly isBehind: () => boolean
  readonly cutOff: () => void
  readonly close: () => void
}

type Client = {
  readonly socket: WebSocket
  readonly codec: Codec
  readonly lane: Lane
  readonly sent: Sent
  session: MarketSession
}

/** What one connection was sent. */
type Sent = { bars: number }

/**
 * The sockets of one of Alpaca's data streams, in JSON or MessagePack as the handshake's content type says: greeting,
 * authentication, subscriptions, limits. `wishOf` turns a session into what is to be sent; undefined for nothing.
 */
export function createDataSockets<Wish>(terms: {
  readonly keys: StreamKeys
  readonly stream: StreamKind
  readonly feed: string
  readonly limits: StreamLimits
  readonly faults: Faults
  readonly wishOf: (session: MarketSession) => Wish | undefined
}): DataSockets<Wish> {
  const { keys, limits, faults } = terms
  const scripted = terms.stream === 'stocks' ? 'data' : 'news'
  const clients = new Map<Client, Wish | undefined>()

  const say = ({ socket, codec }: Client, frame: readonly object[]) => {
    socket.send(codec === 'msgpack' ? encode(frame) : JSON.stringify(frame))
  }
  const apply = (client: Client, reply: MarketReply) => {
    const isChanged = client.session !== reply.session
    client.session = reply.session
    if (isChanged) clients.set(client, terms.wishOf(reply.session))
    for (const frame of reply.frames) say(client, frame)
    if (reply.isClosing) part(client)
  }
  const part = (client: Client) => {
    forget(client)
    client.socket.close()
    setTimeout(() => client.socket.terminate(), PARTING_MS).unref()
  }
  const forget = (client: Client) => {
    clients.delete(client)
    client.lane.close()
  }
  const hangUpOn = (client: Client) => {
    say(client, errorFrame(407))
    part(client)
  }
  const opened = () => [...clients.keys()].filter((c) => c.session.isAuthenticated && c.socket.readyState === WebSocket.OPEN)
  const refusedWith = (): StreamErrorCode | undefined => {
    const refused = faults.strike('refuse-connections', (fault) => fault.stream === scripted)
    if (refused !== undefined) return streamErrorFrom(refused.code)
    return opened().length >= limits.connectionsPerKey ? 406 : undefined
  }
  const connect: DataSockets<Wish>['connect'] = (socket, request, feed) => {
    const codec: Codec = request.headers['content-type'] === 'application/msgpack' ? 'msgpack' : 'json'
    const sent: Sent = { bars: 0 }
    const onSent = ({ bars }: Frame) => {
      sent.bars += bars
    }
    const lane = createLane(socket, { faults, stream: scripted, onSent })
    const client: Client = { socket, codec, session: NEW_SESSION, lane, sent }
    const session: MarketTerms = {
      keys,
      stream: terms.stream,
      isFeedOffered: feed === terms.feed,
      refusedWith,
      symbolLimit: limits.symbolLimit,
    }
    clients.set(client, undefined)
    const patience = setTimeout(() => {
      if (client.session.isAuthenticated) return
      say(client, errorFrame(404))
      part(client)
    }, limits.authTimeoutMs)
    socket.on('message', (payload) => {
      if (!clients.has(client)) return
      // Who only asks and never reads the answers is slow as well.
      if (lane.waitingBytes() > limits.slowClientBytes) hangUpOn(client)
      else apply(client, hear(client.session, decodeMessage(payload, codec), session))
    })
    socket.on('close', () => {
      clearTimeout(patience)
      forget(client)
    })
    // The close that follows says all there is to do.
    socket.on('error', () => undefined)
    say(client, CONNECTED)
    const { 'apca-api-key-id': key, 'apca-api-secret-key': secret } = request.headers
    if (key !== undefined) apply(client, hear(client.session, { action: 'auth', key, secret }, session))
  }
  faults.onAdded(() => {
    for (const { socket } of opened()) {
      if (faults.strike('drop-connection', (fault) => fault.stream === scripted && fault.fraction === 1)) socket.terminate()
    }
  })
  const isBehind = ({ socket }: Client) => socket.bufferedAmount > SETTLED_BYTES
  return {
    connect,
    listening: () => {
      for (const client of [...clients.keys()]) if (client.lane.waitingBytes() > limits.slowClientBytes) hangUpOn(client)
      return [...clients].flatMap(([{ socket, codec, lane }, wish]) =>
        wish === undefined || socket.readyState !== WebSocket.OPEN ? [] : { codec, wish, lane },
      )
    },
    connections: () => opened().length,
    barsSent: () => opened().reduce((sum, { sent }) => sum + sent.bars, 0),
    isBehind: () => [...clients.keys()].some(isBehind),
    cutOff: () => {
      for (const client of [...clients.keys()].filter(isBehind)) hangUpOn(client)
    },
    close: () => {
      for (const { socket } of clients.keys()) socket.terminate()
    },
  }
}
