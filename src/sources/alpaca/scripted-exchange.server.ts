import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decode, encode } from '@msgpack/msgpack'
import { type WebSocket, WebSocketServer } from 'ws'

export type Asked = { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly body: unknown }
export type Reply = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | 'cut'
type Answer = (asked: Asked) => Reply | Promise<Reply>
export type Talk = {
  readonly socket: WebSocket
  readonly path: string
  readonly said: unknown[]
  readonly send: (message: unknown) => void
}

/** For tests: scripted answers of Alpaca's on a real socket. `onStream` hears every message of a stream, `onGone` of every end of one. */
export async function scriptedExchange(
  answer: Answer,
  onStream: (talk: Talk, message: unknown) => void = lettingIn,
  onGone: () => void = () => {},
) {
  const asked: Asked[] = []
  const talks: Talk[] = []
  let abandoned = 0
  const server = createServer(async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://exchange')
    const question = { method: incoming.method ?? '', path: pathname, query: searchParams, body: await bodyOf(incoming) }
    asked.push(question)
    response.on('close', () => {
      if (!response.writableEnded) abandoned++
    })
    say(response, await answer(question))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => {
    const isData = request.headers['content-type'] === 'application/msgpack'
    const said: unknown[] = []
    const send = (message: unknown) => socket.send(isData ? encode(message) : Buffer.from(JSON.stringify(message)))
    const talk = { socket, path: request.url ?? '', said, send }
    talks.push(talk)
    socket.on('close', onGone)
    if (isData) send([{ T: 'success', msg: 'connected' }])
    socket.on('message', (payload: Buffer) => {
      const message = isData ? decode(payload) : JSON.parse(payload.toString())
      said.push(message)
      onStream(talk, message)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    ...{ url, asked, talks, close },
    /** How many questions were given up before they were answered. */
    abandoned: () => abandoned,
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of incoming) text += chunk
  return text === '' ? undefined : JSON.parse(text)
}

function say(response: ServerResponse, reply: Reply): void {
  if (reply === 'cut') {
    response.destroy()
    return
  }
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
  response.end(typeof reply.body === 'string' ? reply.body : reply.body === undefined ? undefined : JSON.stringify(reply.body))
}

/** Lets every stream in and acknowledges what it subscribes to. */
export function lettingIn({ send }: Talk, message: unknown): void {
  const { action, bars, data } = message as { action: string; bars?: string[]; data?: { streams?: string[] } }
  if (action === 'auth') send([{ T: 'success', msg: 'authenticated' }])
  if (action === 'subscribe') send([{ T: 'subscription', trades: [], quotes: [], bars }])
  if (action === 'authenticate') send({ stream: 'authorization', data: { status: 'authorized', action } })
  if (action === 'listen') send({ stream: 'listening', data: { streams: data?.streams } })
}

/** An order as Alpaca writes it: four of ten shares filled. */
export const orderOnWire = {
  id: '61e69015-8549-4bfd-b9c3-01e75843f47d',
  client_order_id: 'c-1',
  created_at: '2018-03-28T13:35:00.123456789Z',
  updated_at: '2018-03-28T13:35:01Z',
  submitted_at: '2018-03-28T13:35:00.5Z',
  filled_at: null,
  symbol: 'XOM',
  qty: '10',
  filled_qty: '4',
  filled_avg_price: '74.125',
  notional: null,
  order_class: '',
  type: 'market',
  order_type: 'market',
  side: 'sell',
  time_in_force: 'day',
  status: 'partially_filled',
}
