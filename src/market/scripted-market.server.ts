import { setImmediate } from 'node:timers/promises'
import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { type Asked, type Reply, scriptedExchange, type Talk } from '#sources/alpaca/scripted-exchange.server.ts'
import type { VirtualTimer } from '#sources/alpaca/virtual-timer.client.ts'

/** One bar as Alpaca sends it, and the close that a late trade gives it half a minute later. */
type ScriptedBar = { readonly symbol: Symbol_; readonly minute: number; readonly first: number; readonly corrected: number }

const CORRECTED_AFTER_MS = 30_000
const BARS_IN_A_PAGE = 1_000

export type ScriptedMarket = Awaited<ReturnType<typeof scriptedMarket>>

/**
 * For tests: a market of one session on a socket, its bars random but for their `seed`: one of ten missing, one of five
 * corrected half a minute after it closed. It tells recorded bars as they are known at the timer's instant, streams minute by
 * minute as it is told to, and can be made to fail.
 */
export async function scriptedMarket(options: {
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly timer: VirtualTimer
  readonly seed: number
  /** Told whenever a question was answered, a stream was let in or not, and a stream ended. */
  readonly onTurn: () => void
}) {
  const { session, timer, onTurn } = options
  const bars = randomBars(options)
  const faults = { isRefusing: false, isMute: false, isDown: false }
  let asking = 0
  const answered = new Set<Talk>()
  let most = 0
  const openingOf = ({ minute }: ScriptedBar) => session.opensAt + minute * MINUTE_MS
  const wireOf = (bar: ScriptedBar, close: number) => ({
    ...{ o: bar.first, h: Math.max(bar.first, close) + 1, l: Math.min(bar.first, close) / 2, c: close, v: 100 * bar.minute },
    ...{ n: bar.minute, vw: close + 0.25 },
  })
  const known = (bar: ScriptedBar) =>
    wireOf(bar, openingOf(bar) + MINUTE_MS + CORRECTED_AFTER_MS <= timer.now() ? bar.corrected : bar.first)

  const answer = async (asked: Asked): Promise<Reply> => {
    asking++
    await setImmediate()
    asking--
    onTurn()
    if (faults.isDown) return { status: 503, body: { message: 'down' } }
    return page(asked)
  }
  const page = ({ query }: Asked): Reply => {
    const wanted = new Set(query.get('symbols')?.split(','))
    const [start, end] = ['start', 'end'].map((name) => Date.parse(query.get(name) ?? ''))
    const isAsked = (bar: ScriptedBar) => {
      const at = openingOf(bar)
      return wanted.has(bar.symbol) && start <= at && at <= end && at + MINUTE_MS <= timer.now()
    }
    const from = Number(query.get('page_token') ?? 0)
    const all = bars.filter(isAsked)
    const told: Record<string, object[]> = {}
    for (const bar of all.slice(from, from + BARS_IN_A_PAGE)) {
      told[bar.symbol] ??= []
      told[bar.symbol]?.push({ t: new Date(openingOf(bar)).toISOString(), ...known(bar) })
    }
    const next = from + BARS_IN_A_PAGE < all.length ? String(from + BARS_IN_A_PAGE) : null
    return { status: 200, body: { bars: told, next_page_token: next } }
  }
  const onMessage = (talk: Talk, message: unknown) => {
    const { action, ...channels } = message as { action: string }
    const none = { trades: [], quotes: [], bars: [], updatedBars: [], dailyBars: [], statuses: [], lulds: [] }
    most = Math.max(most, exchange.talks.filter(({ socket }) => socket.readyState <= 1).length)
    if (action === 'auth' && faults.isRefusing) {
      talk.send([{ T: 'error', code: 406, msg: 'connection limit exceeded' }])
      talk.socket.close()
      answered.add(talk)
    } else if (action === 'auth') talk.send([{ T: 'success', msg: 'authenticated' }])
    else {
      talk.send([{ T: 'subscription', ...none, ...channels }])
      answered.add(talk)
    }
    onTurn()
  }
  const exchange = await scriptedExchange(answer, onMessage, onTurn)
  const listening = () => exchange.talks.filter(({ socket, said }) => socket.readyState === 1 && said.length === 2)
  /** Sends what `kind` tells of `minute` to whoever listens; answers how many bars went out, and whether anyone still hears them. */
  const send = (kind: 'b' | 'u', minute: number, count = Number.POSITIVE_INFINITY) => {
    const heardBy = faults.isMute ? [] : listening()
    const told = bars.filter((bar) => bar.minute === minute && (kind === 'b' || bar.corrected !== bar.first)).slice(0, count)
    const frame = told.map((bar) => ({
      ...{ T: kind, S: bar.symbol, t: new Date(openingOf(bar)) },
      ...wireOf(bar, kind === 'b' ? bar.first : bar.corrected),
    }))
    for (const talk of frame.length > 0 ? heardBy : []) talk.send(frame)
    return { bars: heardBy.length * frame.length, isHeard: () => heardBy.some(({ socket }) => socket.readyState === 1) }
  }
  return {
    url: exchange.url,
    streamUrl: exchange.url.replace('http', 'ws'),
    faults,
    send,
    /** Hangs up on everybody. */
    drop: () => {
      for (const { socket } of exchange.talks) if (socket.readyState <= 1) socket.terminate()
    },
    /** Whether somebody waits for an answer. */
    isAsked: () => asking > 0 || exchange.talks.some((talk) => talk.socket.readyState <= 1 && !answered.has(talk)),
    dials: () => exchange.talks.length,
    /** How many questions were asked. */
    questions: () => exchange.asked.length,
    /** The most sockets that were open at once. */
    mostSockets: () => most,
    /** Every bar as it is known in the end: symbol, minute, close. */
    final: () => bars.map(({ symbol, minute, corrected }) => ({ symbol, minute, close: corrected })),
    close: exchange.close,
  }
}

function randomBars({
  session,
  symbols,
  seed,
}: {
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly seed: number
}): ScriptedBar[] {
  return [...symbols].sort(bySymbol).flatMap((symbol) => {
    const random = randomStream(seed, 'scripted-market', symbol)
    return Array.from({ length: minutesOf(session) }, (_, minute) => {
      const [first, isThere, isCorrected] = [50 + random.below(1000) / 100, random.uniform() > 0.1, random.uniform() < 0.2]
      return { symbol, minute, first, corrected: isCorrected ? first + 0.01 : first, isThere }
    }).filter(({ isThere }) => isThere)
  })
}
