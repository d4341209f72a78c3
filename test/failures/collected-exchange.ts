import { marketData } from '@alpacahq/alpaca-trade-api'
import type pg from 'pg'
import { randomStream } from '#domain/random.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { type CollectorDependencies, collectSession } from '#market/collect-session.steps.ts'
import type { CollectorReport } from '#market/collector-report.ts'
import type { CollectorAlert } from '#market/watch-minutes.steps.ts'
import { historyOver } from '#sources/alpaca/bar-history.client.ts'
import { openMarketStream } from '#sources/alpaca/market-stream.client.ts'
import { createRateGovernor } from '#sources/alpaca/rate-governor.ts'
import { type VirtualTimer, virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'
import type { OpenExchange } from '../../standins/exchange/exchange.server.ts'
import { ScriptedFault } from '../../standins/exchange/faults.ts'
import { randomWalkTape } from '../../standins/exchange/random-walk.ts'
import { ask, KEYS, openTestExchange } from '../exchange.ts'
import { watchClients } from './under-way.ts'

/** Just before collecting ends after the session, and with it the stream. */
const AFTER_CLOSE_MS = 89_000
const HALF_MINUTE_MS = 30_000

type Clients = ReturnType<typeof watchClients>
type Shared = { readonly exchange: OpenExchange; readonly timer: VirtualTimer; readonly clients: Clients }
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
  /** Collects in place of the bare collector. */
  readonly collect?: (
    dependencies: CollectorDependencies,
    exchange: OpenExchange,
    signal: AbortSignal,
  ) => Promise<CollectorReport>
}) {
  const { pool, session, symbols, seed, faults = [] } = options
  const bare: typeof options.collect = (dependencies, _, signal) => collectSession(dependencies, { session, symbols }, signal)
  const timer = virtualTimer(session.opensAt)
  const exchange = await openTestExchange({
    ...{ tape: randomWalkTape(seed, symbols, [session]), sessions: [session], startAt: session.opensAt },
    faults: faults.map((one) => ScriptedFault.parse(one)),
  })
  const clients = watchClients(timer)
  const shared = { exchange, timer, clients }
  const alerts: CollectorAlert[] = []
  const ending = new AbortController()
  const onAlert = (one: CollectorAlert) => alerts.push(one)
  const collected = (options.collect ?? bare)({ pool, onAlert, ...sourcesOf(shared, seed) }, exchange, ending.signal)
  // Whoever drives hears of a failure from `finish`.
  collected.catch(() => undefined)
  const driver = driverOf(shared)
  await clients.settled()
  return {
    ...{ exchange, timer, alerts, news: clients.news, told: clients.told, ...driver },
    /** Lets time pass until `minute` minutes of the session are over. */
    until: (minute: number, stepMs?: number) => driver.pass(session.opensAt + minute * MINUTE_MS - timer.now(), stepMs),
    finish: async () => {
      await driver.pass(session.closesAt + AFTER_CLOSE_MS - timer.now())
      return timer.through(collected)
    },
    stop: async () => {
      ending.abort()
      await collected.finally(exchange.close)
    },
  }
}

/** The real clients of the exchange, seeded by `seed`. */
function sourcesOf({ exchange, timer, clients }: Shared, seed: number): Omit<CollectorDependencies, 'pool' | 'onAlert'> {
  const random = randomStream(seed, 'collected-exchange').uniform
  const basePath = exchange.url
  const configuration = new marketData.Configuration({ ...KEYS, basePath, timeoutMs: 5000, fetchApi: clients.fetch })
  return {
    ...{ timer, onRejected: () => undefined, onStatuses: () => undefined },
    source: historyOver(configuration, 'iex', { governor: createRateGovernor(timer, undefined), timer, random }),
    openStream: (wanted, onNews) =>
      openMarketStream({
        ...{ name: 'bars', url: `${exchange.streamUrl}/v2/iex`, keys: KEYS, random, onTrouble: () => undefined },
        timer: clients.dialling,
        channels: { bars: wanted, updatedBars: wanted, dailyBars: [], statuses: wanted },
        onNews: (one) => {
          onNews(one)
          clients.hear(one)
        },
      }),
  }
}

/** Lets time pass for the exchange and the collector together, and breaks the exchange. */
function driverOf({ exchange, timer, clients }: Shared) {
  let sent = 0
  const connections = async (): Promise<number> => (await ask(exchange, '/sandbox/status')).body.connections.data
  /** The exchange may have hung up, which this end hears of a little later. */
  const noticed = async () => {
    if ((await connections()) === 0) await clients.downOr(() => false)
  }
  /** Lets the exchange come to where the collector's time is, and what it did there arrive. */
  const follow = async () => {
    // Bars may come before the answer that counts them.
    const arrived = clients.told.length
    const body = { consumer: 'test', until: timer.now() }
    const { delivered } = (await ask(exchange, '/sandbox/clock/sleep', { method: 'POST', body })).body
    const arriving = delivered.bars - sent
    sent = delivered.bars
    await clients.downOr(() => clients.told.length >= arrived + arriving)
    if (arriving === 0 && clients.isUp()) await noticed()
  }
  const pass = async (ms: number, stepMs = HALF_MINUTE_MS) => {
    for (const until = timer.now() + ms; timer.now() < until; ) {
      await clients.settled()
      const before = timer.now()
      await timer.advance(Math.min(stepMs, until - before))
      // The exchange does everything at full minutes; only a fault's end may lie between them.
      if (stepMs < HALF_MINUTE_MS || Math.floor(timer.now() / MINUTE_MS) > Math.floor(before / MINUTE_MS)) await follow()
    }
    await clients.settled()
  }
  return {
    ...{ pass, connections },
    /** Adds faults to the exchange. */
    fault: async (...added: readonly object[]) => {
      const { status, body } = await ask(exchange, '/sandbox/faults', { method: 'POST', body: added })
      if (status !== 200) throw new Error(`the exchange took no fault: ${JSON.stringify(body)}`)
      await noticed()
    },
    /** Takes every fault back. */
    mend: () => ask(exchange, '/sandbox/faults', { method: 'DELETE' }),
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
