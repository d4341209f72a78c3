import { z } from 'zod'

/** Channels of the stock stream, in the order in which acknowledgements name them. */
const CHANNELS = ['trades', 'quotes', 'bars', 'updatedBars', 'dailyBars', 'statuses', 'lulds', 'imbalances'] as const
type Channel = (typeof CHANNELS)[number]
/** Channels that exist at Alpaca, but not on a stock feed. */
const OTHER_CHANNELS = ['orderbooks', 'news'] as const

export type StreamKeys = { readonly keyId: string; readonly secret: string }

/** One client of the data stream: whether it may listen, and to what. */
export type MarketSession = {
  readonly isAuthenticated: boolean
  readonly subscriptions: Readonly<Record<Channel, readonly string[]>>
}

/** What the server answers, one frame each, and whether it hangs up. */
export type MarketReply = {
  readonly session: MarketSession
  readonly frames: readonly (readonly object[])[]
  readonly isClosing: boolean
}

export type MarketTerms = {
  readonly keys: StreamKeys
  /** Whether the path that the client connected to is the feed on offer. */
  readonly isFeedOffered: boolean
  /** Whether another connection of these keys is already authenticated. */
  readonly isKeyInUse: () => boolean
}

/** Alpaca's error codes of the data stream. */
const ERRORS = {
  400: 'invalid syntax',
  401: 'not authenticated',
  402: 'auth failed',
  403: 'already authenticated',
  404: 'auth timeout',
  406: 'connection limit exceeded',
  407: 'slow client',
  409: 'insufficient subscription',
  410: 'invalid subscribe action for this feed',
} as const
export type StreamErrorCode = keyof typeof ERRORS

const noSymbols = (): Record<Channel, readonly string[]> => ({
  trades: [],
  quotes: [],
  bars: [],
  updatedBars: [],
  dailyBars: [],
  statuses: [],
  lulds: [],
  imbalances: [],
})

export const NEW_SESSION: MarketSession = { isAuthenticated: false, subscriptions: noSymbols() }
export const CONNECTED = [{ T: 'success', msg: 'connected' }] as const
const AUTHENTICATED = [{ T: 'success', msg: 'authenticated' }] as const

export function errorFrame(code: StreamErrorCode): readonly object[] {
  return [{ T: 'error', code, msg: ERRORS[code] }]
}

const symbols = z.array(z.string().min(1)).optional()
const Message = z.discriminatedUnion('action', [
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z.looseObject({ action: z.enum(['subscribe', 'unsubscribe']), ...Object.fromEntries(CHANNELS.map((c) => [c, symbols])) }),
])

/** The session after one message of the client, and the answer. `message` is decoded, and otherwise unchecked. */
export function hear(session: MarketSession, message: unknown, terms: MarketTerms): MarketReply {
  const parsed = Message.safeParse(message)
  if (!parsed.success) return error(session, 400)
  if (parsed.data.action === 'auth') return authenticate(session, parsed.data, terms)
  if (!session.isAuthenticated) return error(session, 401)
  const asked: Record<string, unknown> = parsed.data
  if (OTHER_CHANNELS.some((channel) => channel in asked)) return error(session, 410)
  const subscriptions = noSymbols()
  for (const channel of CHANNELS) {
    const named = z.array(z.string()).parse(asked[channel] ?? [])
    const had = session.subscriptions[channel]
    subscriptions[channel] =
      parsed.data.action === 'subscribe' ? [...new Set([...had, ...named])] : had.filter((symbol) => !named.includes(symbol))
  }
  return { session: { ...session, subscriptions }, frames: [acknowledgement(subscriptions)], isClosing: false }
}

function authenticate(
  session: MarketSession,
  given: { readonly key: string; readonly secret: string },
  terms: MarketTerms,
): MarketReply {
  if (session.isAuthenticated) return error(session, 403)
  if (given.key !== terms.keys.keyId || given.secret !== terms.keys.secret) return error(session, 402)
  if (!terms.isFeedOffered) return error(session, 409)
  if (terms.isKeyInUse()) return error(session, 406)
  return { session: { ...session, isAuthenticated: true }, frames: [AUTHENTICATED], isClosing: false }
}

/** Codes after which Alpaca hangs up. */
const CLOSING: ReadonlySet<StreamErrorCode> = new Set([402, 404, 406, 407, 409])

function error(session: MarketSession, code: StreamErrorCode): MarketReply {
  return { session, frames: [errorFrame(code)], isClosing: CLOSING.has(code) }
}

/** The full state with every channel, empty ones included: older clients fail on a missing one. */
function acknowledgement(subscriptions: MarketSession['subscriptions']): readonly object[] {
  const { trades } = subscriptions
  return [{ T: 'subscription', ...subscriptions, corrections: trades, cancelErrors: trades }]
}
