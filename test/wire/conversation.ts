import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { instantFrom } from '#domain/units.ts'
import type { OpenExchange } from '../../standins/exchange/exchange.server.ts'
import { ScriptedFault } from '../../standins/exchange/faults.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { AUTH, ask, openTestExchange, sleepUntil, socketTo } from '../exchange.ts'
import type { Transcript, TranscriptHeader, TranscriptLine } from './transcript.ts'

/**
 * Says the client's lines of a conversation to a new exchange like the one that was recorded. The same conversation with what the
 * server says now: as many of its messages after each line as were recorded there.
 */
export async function converse({ header, lines }: Transcript): Promise<Transcript> {
  const exchange = await exchangeOf(header)
  try {
    return { header, lines: header.kind === 'http' ? await overHttp(exchange, lines) : await overSocket(exchange, header, lines) }
  } finally {
    await exchange.close()
  }
}

async function exchangeOf({ exchange }: TranscriptHeader): Promise<OpenExchange> {
  const { seed, symbols, sessions: between, startAt, requestsPerMinute, symbolLimit, authTimeoutMs, faults = [] } = exchange
  const [first, last] = between as [SessionDate, SessionDate]
  const sessions = sessionsBetween(first, last)
  return openTestExchange({
    tape: randomWalkTape(seed, symbols as Symbol_[], sessions),
    sessions,
    startAt: instantFrom(startAt),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    limits: {
      ...(symbolLimit === undefined ? {} : { symbolLimit }),
      ...(authTimeoutMs === undefined ? {} : { authTimeoutMs }),
    },
    faults: faults.map((fault) => ScriptedFault.parse(fault)),
  })
}

type SocketHeader = Extract<TranscriptHeader, { readonly kind: 'socket' }>

async function overSocket(
  exchange: OpenExchange,
  { path, codec, exchange: { taken = false } }: SocketHeader,
  lines: readonly TranscriptLine[],
): Promise<TranscriptLine[]> {
  if (taken) {
    const other = await socketTo(exchange.streamUrl + path)
    other.say(AUTH)
    await other.heard(2)
  }
  const stream = await socketTo(exchange.streamUrl + path, { codec })
  const said: TranscriptLine[] = []
  let heard = 0
  for (const line of lines) {
    if ('from' in line && line.from === 'server') {
      heard++
      const [payload, frame] = [(await stream.payloads(heard))[heard - 1], (await stream.heard(heard))[heard - 1]]
      if (payload === undefined) said.push({ closed: true })
      else said.push(codec === 'json' ? { from: 'server', text: payload.toString() } : binaryLine(payload, frame))
      continue
    }
    said.push(line)
    if ('says' in line) stream.say(line.says)
    else if ('text' in line) stream.socket.send(line.text)
    else if ('clock' in line) await sleepUntil(exchange, instantFrom(line.clock))
    else if ('closed' in line) await stream.closed()
  }
  return said
}

function binaryLine(payload: Buffer, frame: unknown): TranscriptLine {
  return { from: 'server', base64: payload.toString('base64'), reads: JSON.parse(JSON.stringify(frame)) }
}

/** Headers that mean something to a client; of those that differ from answer to answer only that they are there. */
const TOLD = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': true,
  'x-ratelimit-reset': true,
  'retry-after': false,
  'x-request-id': true,
}

async function overHttp(exchange: OpenExchange, lines: readonly TranscriptLine[]): Promise<TranscriptLine[]> {
  const said: TranscriptLine[] = []
  for (const line of lines) {
    if ('response' in line) continue
    said.push(line)
    if ('clock' in line) await sleepUntil(exchange, instantFrom(line.clock))
    if (!('request' in line)) continue
    const { method, path, headers = {}, body: sent } = line.request
    const { status, headers: got, body } = await ask(exchange, path, { method, headers, body: sent })
    const told = Object.entries(TOLD).flatMap(([name, isVarying]) => {
      const value = got.get(name)
      return value === null ? [] : [[name, isVarying ? '*' : value] as const]
    })
    said.push({ response: { status, headers: Object.fromEntries(told), body } })
  }
  return said
}
