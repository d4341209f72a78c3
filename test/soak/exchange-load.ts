import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { decode, encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import { sessionsBetween } from '#domain/calendar.ts'
import { microUsd } from '#domain/money.ts'
import { minutesOf, type SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { openExchange } from '../../standins/exchange/exchange.server.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import type { Soak } from './soak.ts'

const KEYS = { keyId: 'load', secret: 'load' }
const [SESSION] = sessionsBetween('2018-03-28' as SessionDate, '2018-03-28' as SessionDate)
const SLOW = [{ T: 'error', code: 407, msg: 'slow client' }]
/** The first byte of an array with a 32-bit length, which only frames of bars begin with. */
const BARS_HEAD = 0xdd

export type LoadTerms = {
  readonly seed: number
  readonly symbols: number
  /** Minutes of the session that are replayed, at most 390. */
  readonly minutes: number
  /** How long the slow client may hold the replay up. */
  readonly patienceMs: number
}

export type Load = {
  /** Bars that were there to be sent to each client. */
  readonly bars: number
  readonly seconds: number
  /** How much more memory the process held at most than before, in MB. */
  readonly grownMb: number
  readonly readers: readonly { readonly bars: number; readonly hash: string }[]
  readonly slow: { readonly bars: number; readonly last: unknown }
}

/**
 * A session of many symbols at full speed to three clients that want them all; one stops reading its socket after the
 * subscription, and reads again when it has been cut off.
 */
export async function loaded({ seed, symbols, minutes, patienceMs }: LoadTerms): Promise<Load> {
  const { settings } = await readSettingsFiles({})
  const names = Array.from({ length: symbols }, (_, i) => `S${String(i).padStart(4, '0')}` as Symbol_)
  const exchange = await openExchange({
    ...{ tape: randomWalkTape(seed, names, [SESSION]), sessions: [SESSION], speed: 'max', startAt: SESSION.opensAt },
    ...{ fillModel: settings.exchange, startingCash: microUsd(100_000), keys: KEYS, host: '127.0.0.1', port: 0 },
    limits: { connectionsPerKey: 3, patienceMs },
  })
  const address = `${exchange.streamUrl}/v2/iex`
  const [slow, ...readers] = await Promise.all([reader(address), reader(address), reader(address)])
  slow.socket.pause()
  const held = process.memoryUsage().rss
  let most = held
  const began = performance.now()
  for (let minute = 5; minute <= minutes; minute += 5) {
    await fetch(`${exchange.url}/sandbox/clock/sleep`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ consumer: 'load', until: epochMs(SESSION.opensAt + minute * MINUTE_MS) }),
    })
    most = Math.max(most, process.memoryUsage().rss)
    const status = JSON.parse(await (await fetch(`${exchange.url}/sandbox/status`)).text())
    if (status.connections.data < 3) slow.socket.resume()
  }
  const bars = symbols * minutes
  await Promise.all(readers.map((one) => one.heard(bars)))
  const seconds = (performance.now() - began) / 1000
  slow.socket.resume()
  await slow.gone
  await exchange.close()
  return { bars, seconds, grownMb: (most - held) / 1e6, readers: readers.map((one) => one.told()), slow: slow.told() }
}

/** A client that counts and hashes frames of bars, and keeps the last other message. */
async function reader(address: string) {
  const socket = new WebSocket(address, { headers: { 'content-type': 'application/msgpack' }, perMessageDeflate: false })
  const hash = createHash('sha1')
  let bars = 0
  let last: unknown
  let look = () => {}
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (isSo()) resolve()
      }
      look()
    })
  socket.on('message', (payload: Buffer) => {
    if (payload[0] === BARS_HEAD) {
      bars += payload.readUInt32BE(1)
      hash.update(payload)
    } else last = decode(payload)
    look()
  })
  const gone = new Promise((resolve) => socket.once('close', resolve))
  gone.then(() => look())
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.send(encode({ action: 'auth', key: KEYS.keyId, secret: KEYS.secret }))
  socket.send(encode({ action: 'subscribe', bars: ['*'] }))
  await until(() => JSON.stringify(last)?.includes('subscription') ?? false)
  return {
    socket,
    gone,
    heard: (count: number) => until(() => bars >= count || socket.readyState !== WebSocket.OPEN),
    told: () => ({ bars, last, hash: hash.copy().digest('hex') }),
  }
}

/** What was wrong with a load; throws AssertionError. `mostMb` is what it may take of memory. */
export function assertBorne({ bars, readers, slow, grownMb }: Load, mostMb: number): void {
  for (const one of readers) assert.deepEqual([one.bars, one.hash], [bars, readers[0]?.hash], 'a client that reads lacks bars')
  assert.deepEqual(slow.last, SLOW, 'the client that does not read was not told so')
  assert.ok(slow.bars < bars, 'the client that does not read was sent everything')
  assert.ok(grownMb < mostMb, `memory grew by ${grownMb.toFixed(0)} MB`)
}

/** What five thousand symbols may take: two chunks of the tape, what three clients may have unsent, and what is not collected yet. */
const MOST_MB = 400

/** Five thousand symbols through a whole session, one of three clients not reading. */
export const exchangeLoad: Soak = {
  name: 'exchange-load',
  run: async ({ seed, part, parts, tell }) => {
    // One case: the parts behind the first have nothing to do.
    if (part > 1) return tell(`nothing in part ${part} of ${parts}`)
    const load = await loaded({ seed, symbols: 5_000, minutes: minutesOf(SESSION), patienceMs: 2_000 })
    const { bars, seconds, grownMb, slow } = load
    tell(`${bars} bars to each of two in ${seconds.toFixed(1)} s, ${Math.round((2 * bars) / seconds)} bars/s sent`)
    tell(`the third was cut off after ${slow.bars} bars; memory +${grownMb.toFixed(0)} MB at most`)
    assertBorne(load, MOST_MB)
  },
}
