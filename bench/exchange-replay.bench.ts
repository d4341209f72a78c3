import type { AddressInfo } from 'node:net'
import { decodeMulti, encode } from '@msgpack/msgpack'
import { WebSocket, WebSocketServer } from 'ws'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import type { ExchangeOptions } from '../standins/exchange/exchange-options.ts'
import { randomWalkTape } from '../standins/exchange/random-walk.ts'
import { openTestExchange } from '../test/exchange.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const SYMBOLS = 500
const RUNS = 3
const KEYS = { keyId: 'bench', secret: 'bench' }
/** One measurement that is asked for by two names. */
const IDS = ['replay', 'exchange-replay'] as const

/**
 * One session of 500 symbols from the exchange to a MessagePack client that decodes every bar, over loopback, at full
 * speed: every five minutes the client asks the clock onward and waits until it has received what the answer says.
 * Exchange and client share one thread. The limit is the same bytes over the same kind of socket, made once and not decoded.
 */
export const bench: Bench = {
  id: 'exchange-replay',
  results: IDS,
  run: async (isWanted): Promise<BenchResult[]> => {
    const sessions = sessionsBetween('2018-03-28' as SessionDate, '2018-03-28' as SessionDate)
    const symbols = Array.from({ length: SYMBOLS }, (_, i) => `S${i}` as Symbol_)
    const tape = randomWalkTape(1, symbols, sessions)
    const runs: Run[] = []
    for (let run = 0; run < RUNS; run++) runs.push(await replayOnce(tape, sessions))
    const value = median(runs.map(({ barsPerSecond }) => barsPerSecond))
    const wire = await barsPerSecondOfWire(runs[0])
    const grown = Math.max(...runs.map(({ grownMb }) => grownMb))
    const result = {
      size: `${SYMBOLS} symbols, one session`,
      value,
      unit: 'bars/s',
      limit: `the bytes alone ${Math.round(wire / 1000)},000 bars/s (${(wire / value).toFixed(1)} ×)`,
      note: `decoded, barrier every 5 minutes, ${runs[0].bytesPerBar.toFixed(0)} bytes a bar, memory +${grown.toFixed(0)} MB at most; ${IDS.join(' and ')} are one measurement`,
    }
    return IDS.filter(isWanted).map((id) => ({ id, ...result }))
  },
}

type Run = {
  readonly barsPerSecond: number
  readonly bytesPerBar: number
  readonly bars: number
  /** How much more memory the process held at most than before, in MB. */
  readonly grownMb: number
}

/** Sends as many bytes as the run's bars in frames of a minute, and waits until they have arrived. */
async function barsPerSecondOfWire({ bars, bytesPerBar }: Run): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  const [sender] = await new Promise<[WebSocket]>((resolve) => server.once('connection', (socket) => resolve([socket])))
  const frame = Buffer.alloc(Math.round(SYMBOLS * bytesPerBar))
  const frames = Math.round(bars / SYMBOLS)
  const began = performance.now()
  await new Promise<void>((resolve) => {
    let received = 0
    client.on('message', () => {
      if (++received === frames) resolve()
    })
    for (let i = 0; i < frames; i++) sender.send(frame)
  })
  const seconds = (performance.now() - began) / 1000
  client.terminate()
  server.close()
  return bars / seconds
}

type Replayed = ExchangeOptions

async function replayOnce(tape: Replayed['tape'], sessions: Replayed['sessions']): Promise<Run> {
  const [session] = sessions
  const exchange = await openTestExchange({ tape, sessions, startAt: session.opensAt, keys: KEYS })
  const client = await subscribe(`${exchange.streamUrl}/v2/iex`)
  const held = process.memoryUsage().rss
  let most = held
  const began = performance.now()
  for (let until = session.opensAt + 5 * MINUTE_MS; until <= session.closesAt; until += 5 * MINUTE_MS) {
    const reply = await fetch(`${exchange.url}/sandbox/clock/sleep`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumer: 'bench', until }),
    })
    const { delivered } = JSON.parse(await reply.text())
    await client.received(delivered.bars)
    most = Math.max(most, process.memoryUsage().rss)
  }
  const seconds = (performance.now() - began) / 1000
  const bars = client.count()
  await exchange.close()
  return { barsPerSecond: bars / seconds, bytesPerBar: client.bytes() / bars, bars, grownMb: (most - held) / 1e6 }
}

async function subscribe(address: string) {
  const socket = new WebSocket(address, { headers: { 'content-type': 'application/msgpack' }, perMessageDeflate: false })
  let [count, bytes] = [0, 0]
  let awaited: { readonly bars: number; readonly resolve: () => void } | undefined
  const subscribed = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (payload: Buffer) => {
      bytes += payload.length
      for (const message of decodeMulti(payload)) {
        if (!Array.isArray(message)) continue
        if (message[0]?.T === 'subscription') resolve()
        if (message[0]?.T === 'b') count += message.length
      }
      if (awaited && count >= awaited.bars) awaited.resolve()
    })
  })
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(encode({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret }))
  socket.send(encode({ action: 'subscribe', bars: ['*'] }))
  await subscribed
  return {
    count: () => count,
    bytes: () => bytes,
    received: (bars: number) =>
      count >= bars
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            awaited = { bars, resolve }
          }),
  }
}
