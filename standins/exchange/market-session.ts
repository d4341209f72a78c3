import { z } from 'zod'

/** Channels of the stock stream, in the order in which acknowledgements name them. */
const STOCK_CHANNELS = ['trades', 'quotes', 'bars', 'updatedBars', 'dailyBars', 'statuses', 'lulds', 'imbalances'] as const
const NEWS_CHANNELS = ['news'] as const
export type Channel = (typeof STOCK_CHANNELS)[number] | (typeof NEWS_CHANNELS)[number]
/** Channels that exist at Alpaca, wherever. */
const KNOWN_CHANNELS = [...STOCK_CHANNELS, ...NEWS_CHANNELS, 'orderbooks'] as const

/** The two data streams of the exchange; each acknowledges its own channels and refuses the other's. */
export type StreamKind = 'stocks' | 'news'
const CHANNELS: Readonly<Record<StreamKind, readonly Channel[]>> = { stocks: STOCK_CHANNELS, news: NEWS_CHANNELS }

export type StreamKeys = { readonly keyId: string; readonly secret: string }

/** One client of a data stream: whether it may listen, and to what. A channel that is not of the stream is empty. */
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
  readonly stream: StreamKind
  /** Whether the path that the client connected to is the feed on offer. */
  readonly isFeedOffered: boolean
  /** Why a client with the right keys is not let in, such as another connection of the same key. */
  readonly refusedWith: () => StreamErrorCode | undefined
  /** Most symbols in trades and quotes together. */
  readonly symbolLimit: number
}

/** Alpaca's error codes of the data streams. */
const ERRORS = {
  400: 'invalid syntax',
  401: 'not authenticated',
  402: 'auth failed',
  403: 'already authenticated',
  404: 'auth timeout',
  405: 'symbol limit exceeded',
  406: 'connection limit exceeded',
  407: 'slow client',
  408: 'v2 not enabled',
  409: 'insufficient subscription',
  410: 'invalid subscribe action for this feed',
  500: 'internal error',
} as const
export type StreamErrorCode = keyof typeof ERRORS

/** The error code that a number is, or undefined. */
export function streamErrorFrom(code: number): StreamErrorCode | undefined {
  const known: readonly StreamErrorCode[] = [400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 500]
  return known.find((one) => one === code)
}

const noSymbols = (): Record<Channel, readonly string[]> => ({
  trades: [],
  quotes: [],
  bars: [],
  updatedBars: [],
  dailyBars: [],
  statuses: [],
  lulds: [],
  imbalances: [],
  news: [],
})

export const NEW_SESSION: MarketSession = { isAuthenticated: false, subscriptions: noSymbols() }
export const CONNECTED = [{ T: 'success', msg: 'connected' }] as const
const AUTHENTICATED = [{ T: 'success', msg: 'authenticated' }] as const

/** The frame that tells an error. */
export function errorFrame(code: StreamErrorCode): readonly object[] {
  return [{ T: 'error', code, msg: ERRORS[code] }]
}

const LONGEST_SYMBOL = 32
/** More symbols in one channel than there are: whoever names them means no good. */
const MOST_NAMED = 50_000

const symbols = z.array(z.string().min(1).max(LONGEST_SYMBOL)).optional()
const Message = z.discriminatedUnion('action', [
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z.looseObject({
    action: z.enum(['subscribe', 'unsubscribe']),
    ...Object.fromEntries(KNOWN_CHANNELS.map((c) => [c, symbols])),
  }),
])

/** The session after one message of the client, and the answer. `message` is decoded, and otherwise unchecked. */
export function hear(session: MarketSession, message: unknown, terms: MarketTerms): MarketReply {
  const parsed = Message.safeParse(message)
  if (!parsed.success) return error(session, 400)
  if (parsed.data.action === 'auth') return authenticate(session, parsed.data, terms)
  if (!session.isAuthenticated) return error(session, 401)
  const asked: Readonly<Record<string, unknown>> = parsed.data
  const own = CHANNELS[terms.stream]
  if (KNOWN_CHANNELS.some((channel) => channel in asked && !own.some((one) => one === channel))) return error(session, 410)
  const subscriptions = noSymbols()
  for (const channel of own) {
    const named = z.array(z.string()).parse(asked[channel] ?? [])
    subscriptions[channel] = changed(session.subscriptions[channel], named, parsed.data.action === 'subscribe')
  }
  const isTooMuch = Object.values(subscriptions).some((listed) => listed.length > MOST_NAMED)
  if (isTooMuch || watched(subscriptions) > terms.symbolLimit) return error(session, 405)
  const frames = [acknowledgement(subscriptions, terms.stream)]
  return { session: { ...session, subscriptions }, frames, isClosing: false }
}

function changed(had: readonly string[], named: readonly string[], isSubscribing: boolean): readonly string[] {
  if (isSubscribing) return [...new Set([...had, ...named])]
  const left = new Set(named)
  return had.filter((symbol) => !left.has(symbol))
}

/** Symbols whose trades or quotes are wanted; every symbol is more than any limit. */
function watched({ trades, quotes }: MarketSession['subscriptions']): number {
  const both = new Set([...trades, ...quotes])
  return both.has('*') ? Number.MAX_SAFE_INTEGER : both.size
}

function authenticate(
  session: MarketSession,
  given: { readonly key: string; readonly secret: string },
  { keys, isFeedOffered, refusedWith }: MarketTerms,
): MarketReply {
  if (session.isAuthenticated) return error(session, 403)
  // An OAuth client has no key of its own; its token stands for the secret.
  const isKnown = (given.key === keys.keyId || given.key === 'oauth') && given.secret === keys.secret
  if (!isKnown) return error(session, 402)
  if (!isFeedOffered) return error(session, 409)
  const refused = refusedWith()
  if (refused !== undefined) return error(session, refused)
  return { session: { ...session, isAuthenticated: true }, frames: [AUTHENTICATED], isClosing: false }
}

/** Codes after which Alpaca hangs up. */
const CLOSING: ReadonlySet<StreamErrorCode> = new Set([402, 404, 406, 407, 408, 409, 500])

function error(session: MarketSession, code: StreamErrorCode): MarketReply {
  return { session, frames: [errorFrame(code)], isClosing: CLOSING.has(code) }
}

/** The full state with every channel of the stream, empty ones included: older clients fail on a missing one. */
function acknowledgement(subscriptions: MarketSession['subscriptions'], stream: StreamKind): readonly object[] {
  const { news, ...stocks } = subscriptions
  if (stream === 'news') return [{ T: 'subscription', news }]
  return [{ T: 'subscription', ...stocks, corrections: stocks.trades, cancelErrors: stocks.trades }]
}
