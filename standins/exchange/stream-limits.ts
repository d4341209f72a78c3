/** What limits the clients of a data stream. */
export type StreamLimits = {
  /** How long a client may stay silent before it authenticates. */
  readonly authTimeoutMs: number
  /** Open connections that one key may have at a stream. */
  readonly connectionsPerKey: number
  /** Most symbols in trades and quotes together. */
  readonly symbolLimit: number
  /** A client that lets more than this pile up is cut off with code 407. */
  readonly slowClientBytes: number
  /** At full speed, how long the replay waits for a client that lags behind before it is cut off, with the same code. */
  readonly patienceMs: number
}

/** One connection a key, ten seconds to authenticate, every symbol. What a slow client is allowed is ours: 16 MiB, ten seconds. */
export const ALPACA_LIMITS: StreamLimits = {
  authTimeoutMs: 10_000,
  connectionsPerKey: 1,
  symbolLimit: Number.POSITIVE_INFINITY,
  slowClientBytes: 16 * 1024 * 1024,
  patienceMs: 10_000,
}
