import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { decode, encode } from '@msgpack/msgpack'
import { type WebSocket, WebSocketServer } from 'ws'

// A data stream in a thread of its own: lets one client in, and sends it whole minutes of bars when it is told to.

/** More than this unsent, and the sender waits. */
const MOST_UNSENT_BYTES = 4 << 20
const CHANNELS = { trades: [], quotes: [], bars: [], updatedBars: [], dailyBars: [], statuses: [], lulds: [] }

const { symbols, from } = workerData as { symbols: readonly string[]; from: number }
const bars = symbols.map((S, i) => ({
  T: 'b',
  S,
  o: 50,
  h: 51.25,
  l: 49.5,
  c: 50.75,
  v: 100 + i,
  n: 7,
  vw: 50.5,
  t: new Date(from),
}))
const frame = encode(bars)
const stamps = placesOfTime(frame)
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
let client: WebSocket | undefined

server.on('connection', (socket) => {
  client = socket
  socket.send(encode([{ T: 'success', msg: 'connected' }]))
  socket.on('message', (payload: Buffer) => {
    const { action, ...channels } = decode(payload) as { action: string }
    const answer = action === 'auth' ? { T: 'success', msg: 'authenticated' } : { T: 'subscription', ...CHANNELS, ...channels }
    socket.send(encode([answer]))
  })
})
server.on('listening', () => parentPort?.postMessage({ port: (server.address() as AddressInfo).port }))

parentPort?.on('message', async ({ minutes }: { minutes: readonly number[] }) => {
  for (const minute of minutes) {
    client?.send(minuteFrame(from / 1000 + minute * 60), { binary: true })
    while ((client?.bufferedAmount ?? 0) > MOST_UNSENT_BYTES) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  parentPort?.postMessage({ sent: minutes.length })
})

/** Where the frame holds its instants: after the head of a four-byte extension of type −1. */
function placesOfTime(bytes: Uint8Array): number[] {
  const places: number[] = []
  for (let i = 0; i <= bytes.length - 6; i++) if (bytes[i] === 0xd6 && bytes[i + 1] === 0xff) places.push(i + 2)
  if (places.length !== symbols.length) throw new Error(`${places.length} instants in a frame of ${symbols.length} bars`)
  return places
}

function minuteFrame(seconds: number): Buffer {
  const copy = Buffer.from(frame)
  for (const place of stamps) copy.writeUInt32BE(seconds, place)
  return copy
}
