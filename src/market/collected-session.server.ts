import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { marketData } from '@alpacahq/alpaca-trade-api'
import type pg from 'pg'
import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { historyOver } from '#sources/alpaca/bar-history.client.ts'
import { openMarketStream } from '#sources/alpaca/market-stream.client.ts'
import { createRateGovernor } from '#sources/alpaca/rate-governor.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { collectSession } from './collect-session.steps.ts'
import { type ScriptedMarket, scriptedMarket } from './scripted-market.server.ts'
import type { CollectorAlert } from './watch-minutes.steps.ts'

/** What is done to a market just before it sends a minute's bars, and before it sends what late trades made of them. */
export type Mischief = (market: ScriptedMarket, minute: number, before: 'bars' | 'corrections') => void
/** Dialling is never put off for longer. */
const LONGEST_PAUSE_MS = 30_000
/** Collecting ends so long after the session. */
const AFTER_CLOSE_MS = 90_000
export type Driven = Awaited<ReturnType<typeof collecting>>

/**
 * For tests and soaks: a session that is collected from a scripted market, in time that passes as fast as it is worked
 * through. `run` drives minutes [from, until) of the session; `finish` ends it 90 s after the close.
 */
export async function collecting(options: {
  readonly pool: pg.Pool
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  /** Of these, the ones that trade at all. */
  readonly traded: readonly Symbol_[]
  readonly seed: number
}) {
  const { pool, session, symbols, traded, seed } = options
  const timer = virtualTimer(session.opensAt)
  const waiting: (() => void)[] = []
  const onTurn = () => {
    for (const goOn of waiting.splice(0)) goOn()
  }
  /** Resolves when the market or the collector has got somewhere. */
  const turn = () => new Promise<void>((resolve) => waiting.push(resolve))
  const market = await scriptedMarket({ session, symbols: traded, timer, seed, onTurn })
  const alerts: CollectorAlert[] = []
  const random = randomStream(seed, 'collected-session').uniform
  const keys = { keyId: 'k', secret: 's' }
  let asking = 0
  const counted: typeof fetch = async (...request) => {
    asking++
    try {
      const answer = await fetch(...request)
      return new Response(await answer.arrayBuffer(), answer)
    } finally {
      asking--
      onTurn()
    }
  }
  const configuration = new marketData.Configuration({ ...keys, basePath: market.url, timeoutMs: 5000, fetchApi: counted })
  let received = 0
  let [ups, refusals] = [0, 0]
  const ending = new AbortController()
  const collected = collectSession(
    {
      ...{ pool, timer, onAlert: (one) => alerts.push(one), onRejected: () => undefined, onStatuses: () => undefined },
      source: historyOver(configuration, 'iex', { governor: createRateGovernor(timer, undefined), timer, random }),
      openStream: (wanted, onNews) =>
        openMarketStream({
          ...{ name: 'bars', url: `${market.streamUrl}/v2/iex`, keys, timer, random, onTrouble: () => undefined },
          channels: { bars: wanted, updatedBars: wanted, dailyBars: [], statuses: wanted },
          onNews: (news) => {
            if ('rows' in news) received += news.rows.length
            if (news.kind === 'up') ups++
            if (news.kind === 'refused') refusals++
            onNews(news)
            onTurn()
          },
        }),
    },
    { session, symbols },
    ending.signal,
  )
  // Whoever drives hears of a failure from `finish`.
  collected.catch(() => undefined)
  // A dial that fails is tried again only when time passes.
  for (; ups === 0; await turn()) if (refusals > 0) await timer.advance(LONGEST_PAUSE_MS)
  const isAsked = () => asking > 0 || market.isAsked()
  const isStoring = () => pool.waitingCount > 0 || pool.idleCount < pool.totalCount
  /** Lets time pass in steps, standing still while the market is asked something. */
  const pass = async (ms: number, stepMs = 1000) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (await setImmediate(); isAsked(); await setImmediate()) await turn()
      await timer.advance(Math.min(stepMs, ms - passed))
    }
  }
  const send = async (kind: 'b' | 'u', minute: number, count?: number) => {
    const sent = market.send(kind, minute, count)
    // What is sent while the collector hangs up never arrives.
    for (const until = received + sent.bars; received < until && sent.isHeard(); ) await turn()
  }
  const minute = async (number: number, mischief: Mischief) => {
    // Nobody's database is hours behind the market.
    for (; isStoring(); await setImmediate()) await once(pool, 'release')
    await pass(session.opensAt + (number + 1) * MINUTE_MS - timer.now(), 10_000)
    mischief(market, number, 'bars')
    await send('b', number)
    mischief(market, number, 'corrections')
    await pass(30_000, 10_000)
    await send('u', number)
  }
  return {
    ...{ timer, market, alerts, pass, send, minute },
    run: async (from: number, until: number, mischief: Mischief = () => undefined) => {
      for (let number = from; number < Math.min(until, minutesOf(session)); number++) await minute(number, mischief)
    },
    finish: async () => {
      await pass(session.closesAt + AFTER_CLOSE_MS - timer.now(), 5000)
      return timer.through(collected)
    },
    stop: async () => {
      ending.abort()
      await collected.finally(market.close)
    },
  }
}
