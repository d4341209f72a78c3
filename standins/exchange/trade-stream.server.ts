import { WebSocket } from 'ws'
import { z } from 'zod'
import type { Faults } from './faults.ts'
import { fateOfUpdate } from './faulty-updates.ts'
import type { StreamKeys } from './market-session.ts'
import { tradeUpdateJson } from './order-json.ts'
import type { LedgerUpdate } from './order-record.ts'
import { decodeMessage } from './socket-message.ts'

export type TradeStream = {
  readonly connect: (socket: WebSocket) => void
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

type Client = { readonly socket: WebSocket; isAuthorized: boolean; isListening: boolean; updates: number }

const SETTLED_BYTES = 1024 * 1024

/**
 * Alpaca's trade_updates stream: JSON in binary frames, as paper accounts send it, or in text, as live accounts do. Nothing is
 * repeated. Of the streams that a client asks for, those that are not offered are left out of the answer.
 */
export function createTradeStream(keys: StreamKeys, faults: Faults, asText: boolean): TradeStream {
  const clients = new Set<Client>()
  const frameOf = (message: object): string | Buffer => {
    const text = JSON.stringify(message)
    return asText ? text : Buffer.from(text)
  }

  const answer = (client: Client, message: unknown): object => {
    const parsed = Message.safeParse(message)
    if (!parsed.success) return { action: 'error', data: { error_message: 'invalid syntax' } }
    const { action, data } = parsed.data
    if (action === 'authenticate') {
      client.isAuthorized ||= (data.key_id ?? keys.keyId) === keys.keyId && data.secret_key === keys.secret
      return authorization(client, 'authenticate')
    }
    if (!client.isAuthorized) return authorization(client, 'listen')
    const streams = data.streams.filter((stream) => stream === 'trade_updates')
    client.isListening = streams.length > 0
    return { stream: 'listening', data: { streams } }
  }
  return {
    connect: (socket) => {
      const client: Client = { socket, isAuthorized: false, isListening: false, updates: 0 }
      clients.add(client)
      socket.on('message', (payload) => socket.send(frameOf(answer(client, decodeMessage(payload, 'json')))))
      socket.on('close', () => clients.delete(client))
      // The close that follows says all there is to do.
      socket.on('error', () => undefined)
    },
    publish: (update) => {
      const listening = [...clients].filter((c) => c.isListening && c.socket.readyState === WebSocket.OPEN)
      const fate = fateOfUpdate(faults, update.record.order.instruction.symbol)
      if (fate === 'cut') for (const { socket } of listening) socket.terminate()
      if (fate !== 'sent') return
      if (listening.length === 0) return
      const frame = frameOf({ stream: 'trade_updates', data: tradeUpdateJson(update) })
      for (const client of listening) {
        client.socket.send(frame)
        client.updates++
      }
    },
    updatesSent: () =>
      [...clients].reduce(
        (most, { socket, updates }) => (socket.readyState === WebSocket.OPEN ? Math.max(most, updates) : most),
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

function isBehind({ socket }: Client): boolean {
  return socket.bufferedAmount > SETTLED_BYTES
}

function authorization(client: Client, action: string): object {
  return { stream: 'authorization', data: { status: client.isAuthorized ? 'authorized' : 'unauthorized', action } }
}
