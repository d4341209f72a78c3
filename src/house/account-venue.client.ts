import type { Pool } from 'pg'
import type { Broker, Subscription } from '#domain/broker.ts'
import type { Clock } from '#domain/clock.ts'
import { wrongRequest } from '#domain/fault.ts'
import { ok } from '#domain/outcome.ts'
import type { OpenVenue } from '#flows/venue.ts'
import { barsBetween } from '#market/bars.store.ts'
import { storedStream } from '#market/stored-stream.store.ts'
import type { Settings } from '#settings/schema.ts'
import { reached, type Timer } from '#sources/alpaca/timer.ts'
import type { AlpacaAccount } from './alpaca-account.client.ts'

export type AccountVenueTerms = {
  readonly sql: Pool
  readonly account: AlpacaAccount
  readonly settings: Pick<Settings, 'alpaca' | 'trading' | 'signals'>
  /** The market's time. */
  readonly timer: Timer
  /** Told what a person should know, in a sentence. */
  readonly say: (sentence: string) => void
}

/**
 * The venue of an account's books: wall time, the account's broker, and the bars that are stored of its feed. Bars come from the
 * store alone: the account's one socket of bars is the collector's, which also asks for every bar that the socket did not bring.
 * Throws LIVE_LOCKED for an account of real money.
 */
export function accountVenues({ sql, account, settings, timer, say }: AccountVenueTerms): OpenVenue {
  return async (_, { at }) => {
    if (settings.trading.mode === 'live')
      throw wrongRequest('LIVE_LOCKED', 'Real money is not traded by this version; set trading.mode to paper.')
    const { feed } = settings.alpaca
    const leaving = new AbortController()
    const { signal } = leaving
    const updates = lasting()
    const trading = account.connect(feed, ({ code, message }) => {
      if (code === 'ALPACA_STREAM_CLOSED') updates.lose()
      say(message)
    })
    const stream = storedStream({ sql, feed, timer, from: at, waitMs: settings.signals.waitForBarsMs, signal })
    const clock: Clock = {
      now: async () => timer.now(),
      sleepUntil: async (until) => {
        await updates.renew(say)
        await reached(timer, until, signal)
        await stream.bring(until)
        return timer.now()
      },
    }
    return {
      clock,
      bars: stream,
      broker: {
        ...trading.broker,
        tradeUpdates: (onUpdate) => updates.subscribe(() => trading.broker.tradeUpdates(onUpdate), say),
      },
      history: {
        ...trading.history,
        minuteBars: async (symbols, from, until) => ok(await barsBetween(sql, symbols, { feed, timeframe: '1m', from, until })),
      },
      close: async () => {
        leaving.abort()
        await trading.close()
      },
    }
  }
}

type Subscribe = () => ReturnType<Broker['tradeUpdates']>

/**
 * A subscription that is made anew after its line was lost, whenever somebody asks. While there is none the desk still asks for
 * every order that has not ended, at each minute: what is missed is how its shares were filled, not that they were.
 */
function lasting() {
  let [subscribe, current]: [Subscribe | undefined, Subscription | undefined] = [undefined, undefined]
  const renew = async (say: (sentence: string) => void) => {
    if (subscribe === undefined || current !== undefined) return
    current = await subscribe().catch((cause: Error) => {
      say(cause.message)
      return undefined
    })
  }
  return {
    renew,
    lose: () => {
      // Its listener would hear everything twice once there is a line again.
      current?.close().catch(() => undefined)
      current = undefined
    },
    subscribe: async (asked: Subscribe, say: (sentence: string) => void): Promise<Subscription> => {
      subscribe = asked
      await renew(say)
      return {
        close: async () => {
          subscribe = undefined
          await current?.close()
        },
      }
    },
  }
}
