import type { IncomingMessage } from 'node:http'
import { encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { concerns, type Faults, type ScriptedStream } from './faults.ts'
import { createLane, type Lane } from './faulty-lane.server.ts'
import type { StreamKeys } from './market-session.ts'
import { tradeUpdateJson } from './order-json.ts'
import type { LedgerUpdate } from './order-record.ts'
import { decodeMessage } from './socket-message.ts'
import { ALPACA_LIMITS } from './stream-limits.ts'

export type TradeStream = {
  readonly connect: (socket: WebSocket, request: IncomingMessage) => void
  readonly publish: (update: LedgerUpdate) => void
  /** Updates that the connection which is open longest was sent; none without a connection. */
  readonly updatesSent: () => number
  readonly isBehind: () => boolean
  /** Hangs up on clients that lag behind. */
  readonly cutOff: () => void
  readonly close: () => void
}

const Message = z.union([
  z.object({ action: z.literal('authenticate'), data: z.object({ key_id: z.string(), secret_key: z.string() }) }),
  z
    .object({ action: z.literal('authenticate'), data: z.object({ oauth_token: z.string() }) })
    // A token stands for the key and its secret.
    .transform(({ action, data }) => ({ action, data: { key_id: undefined, secret_key: data.oauth_token } })),
  z
    .object({ action: z.literal('auth'), key: z.string(), secret: z.string() })
    .transform(({ key, secret }) => ({ action: 'authenticate' as const, data: { key_id: key, secret_key: secret } })),
  z.object({ action: z.literal('listen'), data: z.object({ streams: z.array(z.string()) }) }),
])

type Client = {
  readonly socket: WebSocket
  readonly isMsgpack: boolean
  readonly lane: Lane
  readonly sent: Sent
  isAuthorized: boolean
  isListening: boolean
}

/** What one connection was sent. */
type Sent = { updates: number }

const SETTLED_BYTES = 1024 * 1024

const isTrading = ({ stream }: { readonly stream: ScriptedStream }) => stream === 'trading'

/**
 * Alpaca's trade_updates stream: JSON in binary frames, as paper accounts send it, or in text, as live accounts do; MessagePack
 * for a handshake of that content type. Nothing is repeated. Of the streams that a client asks for, those that are not
 * offered are left out of the answer.
 */
export function createTradeStream(keys: StreamKeys, faults: Faults, asText: boolean): TradeStream {
  const clients = new Set<Client>()
  const framed = ({ isMsgpack }: Client, message: object): string | Uint8Array => {
    if (isMsgpack) return encode(message)
    const text = JSON.stringify(message)
    return asText ? text : Buffer.from(text)
  }
  const isRefused = () => faults.strike('refuse-connections', isTrading) !== undefined

  const answer = (client: Client, message: unknown): object => {
    const parsed = Message.safeParse(message)
    if (!parsed.success) return { action: 'error', data: { error_message: 'invalid syntax' } }
    const { action, data } = parsed.data
    if (action === 'authenticate') {
      const isKnown = (data.key_id ?? keys.keyId) === keys.keyId && data.secret_key === keys.secret
      client.isAuthorized ||= isKnown && !isRefused()
      return authorization(client, 'authenticate')
    }
    if (!client.isAuthorized) return authorization(client, 'listen')
    const streams = data.streams.filter((stream) => stream === 'trade_updates')
    client.isListening = streams.length > 0
    return { stream: 'listening', data: { streams } }
  }
  const hear = (client: Client, payload: Parameters<typeof decodeMessage>[0]) => {
    if (isHopeless(client)) return client.socket.terminate()
    const message = decodeMessage(payload, client.isMsgpack ? 'msgpack' : 'json')
    client.socket.send(framed(client, answer(client, message)))
  }
  faults.onAdded(() => {
    for (const { socket, isAuthorized } of clients) {
      if (!isAuthorized) continue
      if (faults.strike('drop-connection', (fault) => isTrading(fault) && fault.fraction === 1)) socket.terminate()
    }
  })
  return {
    connect: (socket, request) => {
      const sent: Sent = { updates: 0 }
      const onSent = () => {
        sent.updates++
      }
      const lane = createLane(socket, { faults, stream: 'trading', onSent })
      const isMsgpack = request.headers['content-type'] === 'application/msgpack'
      const client: Client = { socket, isMsgpack, lane, sent, isAuthorized: false, isListening: false }
      clients.add(client)
      socket.on('message', (payload) => hear(client, payload))
      socket.on('close', () => {
        clients.delete(client)
        lane.close()
      })
      // The close that follows says all there is to do.
      socket.on('error', () => undefined)
    },
    publish: (update) => {
      if (faults.strike('drop-trade-updates', (fault) => concerns(fault, update.record.order.instruction.symbol))) return
      const listening = [...clients].filter((c) => c.isListening && c.socket.readyState === WebSocket.OPEN)
      if (listening.length === 0) return
      const message = { stream: 'trade_updates', data: tradeUpdateJson(update) }
      for (const client of listening) {
        if (isHopeless(client)) client.socket.terminate()
        else client.lane.post({ payload: framed(client, message), bars: 0 })
      }
    },
    updatesSent: () =>
      [...clients].reduce(
        (most, { socket, sent }) => (socket.readyState === WebSocket.OPEN ? Math.max(most, sent.updates) : most),
        0,
      ),
    isBehind: () => [...clients].some(isBehind),
    cutOff: () => {
      for (const client of [...clients].filter(isBehind)) {
        client.socket.terminate()
        clients.delete(client)
      }
    },
    close: () => {
      for (const { socket } of clients) socket.terminate()
    },
  }
}

/** Whether a client has left so much unread that it is hung up on; this stream has no word for that. */
function isHopeless({ lane }: Client): boolean {
  return lane.waitingBytes() > ALPACA_LIMITS.slowClientBytes
}

function isBehind({ socket }: Client): boolean {
  return socket.bufferedAmount > SETTLED_BYTES
}

function authorization(client: Client, action: string): object {
  return { stream: 'authorization', data: { status: client.isAuthorized ? 'authorized' : 'unauthorized', action } }
}
