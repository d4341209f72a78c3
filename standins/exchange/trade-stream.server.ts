import { WebSocket } from 'ws'
import { z } from 'zod'
import type { LedgerUpdate } from './ledger.ts'
import type { StreamKeys } from './market-session.ts'
import { decodeMessage } from './socket-message.ts'
import { tradeUpdateJson } from './trading-json.ts'

export type TradeStream = {
  readonly connect: (socket: WebSocket) => void
  readonly publish: (update: LedgerUpdate) => void
  /** Updates sent so far while at least one connection was listening; each counts once. */
  readonly updatesSent: () => number
  readonly isBehind: () => boolean
  /** Hangs up on clients that lag behind. */
  readonly cutOff: () => void
  readonly close: () => void
}

const Message = z.union([
  z.object({ action: z.literal('authenticate'), data: z.object({ key_id: z.string(), secret_key: z.string() }) }),
  z
    .object({ action: z.literal('auth'), key: z.string(), secret: z.string() })
    .transform(({ key, secret }) => ({ action: 'authenticate' as const, data: { key_id: key, secret_key: secret } })),
  z.object({ action: z.literal('listen'), data: z.object({ streams: z.array(z.string()) }) }),
])

type Client = { readonly socket: WebSocket; isAuthorized: boolean; isListening: boolean }

const SETTLED_BYTES = 1024 * 1024

/** Alpaca's trade_updates stream: JSON in binary frames, as paper accounts send it; nothing is repeated. */
export function createTradeStream(keys: StreamKeys): TradeStream {
  const clients = new Set<Client>()
  let updatesSent = 0

  const answer = (client: Client, message: unknown): object => {
    const parsed = Message.safeParse(message)
    if (!parsed.success) return { action: 'error', data: { error_message: 'invalid syntax' } }
    const { action, data } = parsed.data
    if (action === 'authenticate') {
      client.isAuthorized ||= data.key_id === keys.keyId && data.secret_key === keys.secret
      return authorization(client, 'authenticate')
    }
    if (!client.isAuthorized) return authorization(client, 'listen')
    const streams = data.streams.filter((stream) => stream === 'trade_updates')
    client.isListening = streams.length > 0
    return { stream: 'listening', data: { streams } }
  }
  return {
    connect: (socket) => {
      const client: Client = { socket, isAuthorized: false, isListening: false }
      clients.add(client)
      socket.on('message', (payload) => socket.send(frameOf(answer(client, decodeMessage(payload, 'json')))))
      socket.on('close', () => clients.delete(client))
      // The close that follows says all there is to do.
      socket.on('error', () => undefined)
    },
    publish: (update) => {
      const listening = [...clients].filter((c) => c.isListening && c.socket.readyState === WebSocket.OPEN)
      if (listening.length === 0) return
      const frame = frameOf({ stream: 'trade_updates', data: tradeUpdateJson(update) })
      for (const { socket } of listening) socket.send(frame)
      updatesSent++
    },
    updatesSent: () => updatesSent,
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

function frameOf(message: object): Buffer {
  return Buffer.from(JSON.stringify(message))
}
