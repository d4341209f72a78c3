import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import { nextSession, sessionOn, sessionsBefore } from '#domain/calendar.ts'
import type { Clock } from '#domain/clock.ts'
import { wrongRequest } from '#domain/fault.ts'
import { microUsd } from '#domain/money.ts'
import { pacedClock } from '#flows/paced-clock.ts'
import type { DayParameters } from '#flows/rehearsal.ts'
import { type OpenVenue, venueBroken } from '#flows/venue.ts'
import { storedTape } from '#market/tape.store.ts'
import { type Alpaca, connectAlpaca } from '#sources/alpaca/alpaca.client.ts'
import { replayClock } from '#sources/alpaca/replay-clock.client.ts'
import { openExchange } from '../../standins/exchange/exchange.server.ts'
import type { ScriptedFault } from '../../standins/exchange/faults.ts'

export type RehearsalVenuesTerms = {
  readonly sql: Pool
  readonly onTrouble: (sentence: string) => void
  /** What the next exchange that is opened does wrong on purpose. */
  readonly nextFaults: () => readonly ScriptedFault[]
}

/**
 * A rehearsal's venue: an exchange of its own on a free port of this machine, met over its protocol like any other. It moves
 * when the desk sleeps, so that a rehearsal decides the same at every speed; the clock keeps the pace that was asked for.
 */
export function rehearsalVenues({ sql, onTrouble, nextFaults }: RehearsalVenuesTerms): OpenVenue {
  return async (day, resumption) => {
    const opened = new AsyncDisposableStack()
    try {
      const keys = { keyId: 'rehearsal', secret: randomUUID() }
      const replay = await replayOf(sql, day)
      const exchange = await openExchange({ ...replay, keys, journal: resumption.journal, faults: nextFaults() })
      opened.defer(exchange.close)
      const endpoints = { tradingUrl: exchange.url, dataUrl: exchange.url, streamUrl: exchange.streamUrl }
      const alpaca = connectAlpaca({ ...endpoints, ...keys, feed: 'iex', onTrouble: ({ message }) => onTrouble(message) })
      opened.defer(alpaca.close)
      const clock = await replayClock({ url: exchange.url, consumer: day.book, received: alpaca })
      opened.defer(clock.close)
      await clock.sleepUntil(resumption.at)
      const leaving = new AbortController()
      opened.defer(() => leaving.abort())
      const wall = { now: () => performance.now(), wait: (ms: number) => delay(ms, undefined, { signal: leaving.signal }) }
      return { ...alpaca, clock: pacedClock(unbroken(clock, alpaca), day.speed, wall), close: () => opened.disposeAsync() }
    } catch (cause) {
      await opened.disposeAsync()
      throw cause
    }
  }
}

/** `clock`, whose sleeps throw VENUE_BROKEN when a stream that is listened to broke: the exchange goes on without it. */
function unbroken(clock: Clock, { isWhole }: Pick<Alpaca, 'isWhole'>): Clock {
  return {
    now: clock.now,
    sleepUntil: async (at) => {
      const shown = await clock.sleepUntil(at)
      if (!(await isWhole())) throw venueBroken(shown)
      return shown
    },
  }
}

/** What the exchange of a book's day replays: every day of the book until then, since what it owns comes of them. */
async function replayOf(sql: Pool, { days, day, feed, symbols, rules }: DayParameters) {
  const sessions = days.filter((date) => date <= day).flatMap((date) => sessionOn(date) ?? [])
  const [first, last] = [sessions.at(0), sessions.at(-1)]
  if (first === undefined || last === undefined) throw wrongRequest('DAY_CLOSED', `There is no session among ${days.join(', ')}.`)
  const [before = first] = sessionsBefore(first.date, 1)
  return {
    tape: await storedTape(sql, { feed, symbols, from: before.opensAt, until: last.closesAt }),
    sessions: [...sessions, nextSession(last.closesAt)],
    speed: 'max' as const,
    startAt: first.opensAt,
    fillModel: rules.exchange,
    tradingRules: { marginMinimumUsd: rules.exchange.marginMinimum, dayTradingMinimumUsd: rules.exchange.dayTradingMinimum },
    startingCash: microUsd(rules.risk.startingCashUsd),
    host: '127.0.0.1',
    port: 0,
  }
}
