import { setImmediate } from 'node:timers/promises'
import { marketData } from '@alpacahq/alpaca-trade-api'
import type pg from 'pg'
import type { TableRow } from '#domain/bar-table.ts'
import { randomStream } from '#domain/random.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, MINUTE_MS } from '#domain/units.ts'
import { collectSession } from '#market/collect-session.steps.ts'
import type { CollectorAlert } from '#market/watch-minutes.steps.ts'
import { historyOver } from '#sources/alpaca/bar-history.client.ts'
import type { MarketNews } from '#sources/alpaca/market-news.ts'
import { openMarketStream } from '#sources/alpaca/market-stream.client.ts'
import { createRateGovernor } from '#sources/alpaca/rate-governor.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import { ScriptedFault } from '../../standins/exchange/faults.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { ask, KEYS, openTestExchange } from '../exchange.ts'

/** Just before collecting ends after the session, and with it the stream. */
const AFTER_CLOSE_MS = 89_000
const HALF_MINUTE_MS = 30_000

export type Collected = Awaited<ReturnType<typeof collectingAt>>

/**
 * A session that the collector collects from the exchange stand-in over real sockets, with the real clients. Both live in one
 * time: the exchange at full speed goes where its one sleeper asks to be woken, and the collector's timer comes along. Time
 * stands still while a connection is made or a question is under way, and until what the exchange sent has arrived.
 */
export async function collectingAt(options: {
  readonly pool: pg.Pool
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly seed: number
  readonly faults?: readonly object[]
}) {
  const { pool, session, symbols, seed, faults = [] } = options
  const timer = virtualTimer(session.opensAt)
  const exchange = await openTestExchange({
    ...{ tape: randomWalkTape(seed, symbols, [session]), sessions: [session], startAt: session.opensAt },
    faults: faults.map((one) => ScriptedFault.parse(one)),
  })
  const line = stirring()
  const news: { readonly at: EpochMs; readonly kind: MarketNews['kind'] }[] = []
  const told: TableRow[] = []
  const alerts: CollectorAlert[] = []
  const health = { isUp: false, asking: 0, isDialling: true }
  const counted: typeof fetch = async (...request) => {
    health.asking++
    try {
      const answer = await fetch(...request)
      return new Response(await answer.arrayBuffer(), answer)
    } finally {
      health.asking--
      line.happened()
    }
  }
  /** The stream's own timer: what it puts off is not under way, and is when its time has come. */
  const dialling: Timer = {
    now: timer.now,
    after: (ms, run) => {
      health.isDialling = false
      line.happened()
      return timer.after(ms, () => {
        health.isDialling = true
        run()
      })
    },
  }
  const hear = (one: MarketNews) => {
    news.push({ at: timer.now(), kind: one.kind })
    if (one.kind === 'bars') told.push(...one.rows)
    if (one.kind === 'up') Object.assign(health, { isUp: true, isDialling: false })
    // It dials again when the socket that it lost is gone.
    if (one.kind === 'down') Object.assign(health, { isUp: false, isDialling: true })
    line.happened()
  }
  const random = randomStream(seed, 'collected-exchange').uniform
  const configuration = new marketData.Configuration({ ...KEYS, basePath: exchange.url, timeoutMs: 5000, fetchApi: counted })
  const ending = new AbortController()
  const collected = collectSession(
    {
      ...{ pool, timer, onAlert: (one) => alerts.push(one), onRejected: () => undefined, onStatuses: () => undefined },
      source: historyOver(configuration, 'iex', { governor: createRateGovernor(timer, undefined), timer, random }),
      openStream: (wanted, onNews) =>
        openMarketStream({
          ...{ name: 'bars', url: `${exchange.streamUrl}/v2/iex`, keys: KEYS, random, onTrouble: () => undefined },
          timer: dialling,
          channels: { bars: wanted, updatedBars: wanted, dailyBars: [], statuses: wanted },
          onNews: (one) => {
            onNews(one)
            hear(one)
          },
        }),
    },
    { session, symbols },
    ending.signal,
  )
  // Whoever drives hears of a failure from `finish`.
  collected.catch(() => undefined)
  let sent = 0

  const settled = async () => {
    for (await setImmediate(); health.asking > 0 || health.isDialling; await setImmediate()) await line.next()
  }
  const connections = async (): Promise<number> => (await ask(exchange, '/sandbox/status')).body.connections.data
  /** The exchange may have hung up, which this end hears of a little later. */
  const noticed = async () => {
    if ((await connections()) === 0) while (health.isUp) await line.next()
  }
  const fault = async (...added: readonly object[]) => {
    const { status, body } = await ask(exchange, '/sandbox/faults', { method: 'POST', body: added })
    if (status !== 200) throw new Error(`the exchange took no fault: ${JSON.stringify(body)}`)
    await noticed()
  }
  /** Lets the exchange come to where the collector's time is, and what it did there arrive. */
  const follow = async () => {
    // Bars may come before the answer that counts them.
    const arrived = told.length
    const body = { consumer: 'test', until: timer.now() }
    const { delivered } = (await ask(exchange, '/sandbox/clock/sleep', { method: 'POST', body })).body
    const arriving = delivered.bars - sent
    sent = delivered.bars
    while (health.isUp && told.length < arrived + arriving) await line.next()
    if (arriving === 0 && health.isUp) await noticed()
  }
  const pass = async (ms: number, stepMs = HALF_MINUTE_MS) => {
    for (const until = timer.now() + ms; timer.now() < until; ) {
      await settled()
      const before = timer.now()
      await timer.advance(Math.min(stepMs, until - before))
      // The exchange does everything at full minutes; only a fault's end may lie between them.
      if (stepMs < HALF_MINUTE_MS || Math.floor(timer.now() / MINUTE_MS) > Math.floor(before / MINUTE_MS)) await follow()
    }
    await settled()
  }
  await settled()
  return {
    ...{ exchange, timer, alerts, news, told, fault, pass, connections },
    /** Takes every fault back. */
    mend: () => ask(exchange, '/sandbox/faults', { method: 'DELETE' }),
    /** Lets time pass until `minute` minutes of the session are over. */
    until: (minute: number, stepMs?: number) => pass(session.opensAt + minute * MINUTE_MS - timer.now(), stepMs),
    finish: async () => {
      await pass(session.closesAt + AFTER_CLOSE_MS - timer.now())
      return timer.through(collected)
    },
    stop: async () => {
      ending.abort()
      await collected.finally(exchange.close)
    },
  }
}

/** Something to wait for: `next` resolves when `happened` is called. */
function stirring() {
  const waiting: (() => void)[] = []
  return {
    happened: () => {
      for (const goOn of waiting.splice(0)) goOn()
    },
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  }
}

/** Every stored bar with all its columns but when it became known, as bytes. */
export async function tableText(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ text: string }>(
    `select string_agg((to_jsonb(b) - 'received_at')::text, E'\\n' order by symbol collate "C", opened_at) as text from spreadworks.bars as b`,
  )
  return rows[0]?.text ?? ''
}

export async function emptyTables(pool: pg.Pool): Promise<void> {
  await pool.query('truncate spreadworks.bars, spreadworks.bar_revisions, spreadworks.bar_ledger, spreadworks.bar_gaps')
}
