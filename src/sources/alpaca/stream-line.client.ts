import { randomUUID } from 'node:crypto'
import { streaming } from '@alpacahq/alpaca-trade-api'
import { WebSocket } from 'ws'
import { Fault } from '#domain/fault.ts'
import type { AlpacaKeys } from './endpoints.ts'

/** How long the exchange may take to let a stream in, and to acknowledge a subscription. */
const ANSWER_MS = 10_000
/** How long a closing handshake may take before the socket is cut. */
const FAREWELL_MS = 1_000

export type LineTerms = {
  /** What the stream carries, for sentences: `bars`. */
  readonly name: string
  readonly url: string
  readonly keys: AlpacaKeys
  /** Told of every error, and of a close that nobody here asked for; the line is closed for good then. */
  readonly onTrouble: (fault: Fault) => void
}

/** An authenticated stream of the vendor's client. */
export type Line<Stream> = {
  readonly stream: Stream
  readonly isOpen: () => boolean
  /** Stops reading from the socket, so that the exchange notices that this end is behind; `resume` goes on. */
  readonly pause: () => void
  readonly resume: () => void
  /**
   * Whether the exchange answers over the line: true when all that it had sent before has come, false when the line is closed or
   * closes instead.
   */
  readonly answers: () => Promise<boolean>
  /** Resolves when the socket is gone. */
  readonly close: () => Promise<void>
  /** Sends a subscription and resolves when the exchange has told a state of which `isMet` holds. Throws ALPACA_STREAM_REFUSED. */
  readonly subscribe: (send: () => void, isMet: (told: unknown) => boolean) => Promise<void>
}

type MakeStream<Stream> = (options: streaming.AlpacaWebSocketOptions) => Stream

/**
 * Connects one of the vendor's streams and authenticates it. It does not reconnect by itself. Throws ALPACA_STREAM_REFUSED
 * when it is not let in within ten seconds.
 */
export async function openLine<Stream extends streaming.AlpacaWebSocket>(
  make: MakeStream<Stream>,
  { name, url, keys, onTrouble }: LineTerms,
): Promise<Line<Stream>> {
  const sockets: WebSocket[] = []
  const dialled: streaming.WebSocketFactory = (address, codec) => {
    const socket = new WebSocket(address, {
      perMessageDeflate: false,
      headers: codec === 'msgpack' ? { 'Content-Type': 'application/msgpack' } : {},
    })
    sockets.push(socket)
    return socket
  }
  const stream = make({ url, credentials: keys, reconnect: false, wsFactory: dialled })
  let isOpen = false
  let lastError = 'the connection was closed'
  stream.onError((message) => {
    lastError = message
    if (isOpen) onTrouble(streamError(name, message))
  })
  stream.onDisconnect(() => {
    if (!isOpen) return
    isOpen = false
    onTrouble(streamClosed(name))
  })
  const close = async () => {
    isOpen = false
    stream.disconnect()
    await Promise.all(sockets.map(gone))
  }
  stream.connect()
  const entry = await stream.waitForAuthenticationResult(ANSWER_MS)
  if (!entry.authenticated) {
    await close()
    throw streamRefused(name, entry.status === 'timeout' ? 'no answer within 10 s' : lastError)
  }
  isOpen = true
  return {
    stream,
    isOpen: () => isOpen,
    pause: () => sockets.at(-1)?.pause(),
    resume: () => sockets.at(-1)?.resume(),
    answers: async () => {
      const socket = sockets.at(-1)
      return isOpen && socket !== undefined && answeredPing(socket)
    },
    close,
    subscribe: (send, isMet) => acknowledged(stream, { name, send, isMet }),
  }
}

function acknowledged(
  stream: streaming.AlpacaWebSocket,
  { name, send, isMet }: { readonly name: string; readonly send: () => void; readonly isMet: (told: unknown) => boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (fault: Fault | undefined) => {
      clearTimeout(timer)
      stream.off(streaming.EVENT.SUBSCRIPTION, onTold)
      stream.off(streaming.EVENT.CLIENT_ERROR, onError)
      stream.off(streaming.STATE.DISCONNECTED, onGone)
      if (fault) reject(fault)
      else resolve()
    }
    const onTold = (told: unknown) => {
      if (isMet(told)) settle(undefined)
    }
    const onError = (message: string) => settle(streamRefused(name, message))
    const onGone = () => settle(streamRefused(name, 'the connection was closed'))
    const timer = setTimeout(() => settle(streamRefused(name, 'no answer within 10 s')), ANSWER_MS)
    stream
      .on(streaming.EVENT.SUBSCRIPTION, onTold)
      .on(streaming.EVENT.CLIENT_ERROR, onError)
      .on(streaming.STATE.DISCONNECTED, onGone)
    send()
  })
}

/** A ping is answered in its turn, so that its pong comes after all frames before it; the vendor's client sends pings of its own. */
function answeredPing(socket: WebSocket): Promise<boolean> {
  const word = randomUUID()
  return new Promise((resolve) => {
    const settle = (isAnswered: boolean) => {
      clearTimeout(timer)
      socket.off('pong', onPong).off('close', onGone)
      resolve(isAnswered)
    }
    const onPong = (told: Buffer) => {
      if (told.toString() === word) settle(true)
    }
    const onGone = () => settle(false)
    const timer = setTimeout(onGone, ANSWER_MS)
    socket.on('pong', onPong).on('close', onGone)
    // What cannot be sent is told by the close that follows.
    socket.ping(word, true, () => undefined)
  })
}

function gone(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return Promise.resolve()
  return new Promise((resolve) => {
    const cut = setTimeout(() => socket.terminate(), FAREWELL_MS)
    socket.once('close', () => {
      clearTimeout(cut)
      resolve()
    })
  })
}

function streamRefused(name: string, cause: string): Fault {
  return new Fault(
    'ALPACA_STREAM_REFUSED',
    `The exchange did not open its stream of ${name} (${cause}); check the address, the key, and that no other program uses the stream.`,
  )
}

function streamClosed(name: string): Fault {
  return new Fault('ALPACA_STREAM_CLOSED', `The exchange closed its stream of ${name}; subscribe again.`)
}

function streamError(name: string, message: string): Fault {
  return new Fault(
    'ALPACA_STREAM_ERROR',
    `The exchange's stream of ${name} told of an error: ${message}; nothing is lost unless it closes.`,
  )
}

/**
 * Runs a handler of messages. What it throws is told to the stream's owner, since the vendor's client would hide it: a Fault
 * as it is, anything else as ALPACA_CONSUMER_FAILED. Returns undefined then.
 */
export function told<T>({ name, onTrouble }: LineTerms, handle: () => T): T | undefined {
  try {
    return handle()
  } catch (cause) {
    onTrouble(cause instanceof Fault ? cause : consumerFailed(name, cause))
    return undefined
  }
}

function consumerFailed(name: string, cause: unknown): Fault {
  const said = cause instanceof Error ? cause.message : String(cause)
  return new Fault(
    'ALPACA_CONSUMER_FAILED',
    `A consumer of the exchange's ${name} failed (${said}); what it was given is lost to it.`,
    {
      cause,
    },
  )
}
