import { type WebSocket, WebSocketServer } from 'ws'
import { Fault } from '#domain/fault.ts'
import type { MicroUsd } from '#domain/money.ts'
import type { Session } from '#domain/sessions.ts'
import type { Tape } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { FillModel } from '#matching/fill-model.ts'
import { equityOf } from '#matching/margin.ts'
import { FINRA_RULES, type TradingRules } from '#matching/trading-rules.ts'
import { createClock, type Speed, type WallTimer } from './clock.ts'
import { serveConditions } from './conditions.route.ts'
import { createConditions, type Halt } from './conditions.ts'
import { createConfigurations } from './configurations.ts'
import { createEquityHistory } from './equity-history.ts'
import type { Exchange } from './exchange.ts'
import { hookFaults, serveFaults } from './faults.route.ts'
import { createFaults, type Faults, type ScriptedFault } from './faults.ts'
import { conditionsUnder } from './faulty-conditions.ts'
import { createHttp } from './http.server.ts'
import { uuidFrom } from './ids.ts'
import { createLatestBars, type LatestBars } from './latest-bars.ts'
import { createLedger } from './ledger.ts'
import { serveMarketData } from './market-data.route.ts'
import { type MarketFloor, type MarketOptions, openMarketFloor } from './market-floor.server.ts'
import type { StreamKeys } from './market-session.ts'
import type { Lifecycle } from './records.ts'
import { createReplay, type JournaledOrder } from './replay.ts'
import { serveSandbox } from './sandbox.route.ts'
import { type RecordedSession, serveStatus } from './status.route.ts'
import { createTradeStream, type TradeStream } from './trade-stream.server.ts'
import { serveTrading } from './trading.route.ts'

export type ExchangeOptions = MarketOptions & {
  readonly tape: Tape
  /** Ascending. Only what happens in them is replayed. */
  readonly sessions: readonly Session[]
  readonly speed: Speed
  readonly startAt: EpochMs
  readonly fillModel: FillModel
  readonly startingCash: MicroUsd
  readonly keys: StreamKeys
  /** Orders that an earlier exchange was sent; this one sends them to itself when its clock comes to them. */
  readonly journal?: readonly JournaledOrder[]
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Requests a minute that a key has at each host; without it nothing is held back. */
  readonly requestsPerMinute?: number
  /** What the account must own to day trade or borrow; FINRA's figures unless given. */
  readonly tradingRules?: TradingRules
  /** How much of an order's life trade_updates tells; `brief` unless given. */
  readonly lifecycle?: Lifecycle
  /** How long a cancel takes, and the order may still fill; none unless given. */
  readonly cancelLatencyMs?: number
  /** Whether the tape's minutes before the open and after the close are replayed; they are not unless given. */
  readonly extendedHours?: boolean
  /** Whether trade_updates come as text instead of binary frames, as live accounts send them. */
  readonly textFrames?: boolean
  /** Ascending. */
  readonly halts?: readonly Halt[]
  /** What is wrong with the exchange from the beginning; more may come over `/sandbox/faults`. */
  readonly faults?: readonly ScriptedFault[]
  /** The recorded session that is shown at an instant, where the tape was laid out on other days than its own. */
  readonly recordedAt?: (at: EpochMs) => RecordedSession | undefined
}

/** An exchange that listens. `streamUrl` is the base of the WebSocket addresses; `close` ends every connection at once. */
export type OpenExchange = { readonly url: string; readonly streamUrl: string; readonly close: () => Promise<void> }

/**
 * Opens an exchange that replays `tape` and speaks Alpaca's protocol; see docs/exchange.md. Several in one process share
 * nothing. Throws Fault EXCHANGE_PORT_TAKEN when the port is in use.
 */
export async function openExchange(options: ExchangeOptions): Promise<OpenExchange> {
  const { keys } = options
  let now = () => options.startAt
  const faults = createFaults({ now: () => now(), wall: () => performance.now(), script: options.faults ?? [] })
  const trades = createTradeStream(keys, faults, options.textFrames ?? false)
  const { exchange, floor } = await assemble(options, { trades, faults, now: () => now() })
  const { clock } = exchange
  now = clock.now
  const { market, news, data } = floor
  const app = createHttp(keys, options.requestsPerMinute)
  hookFaults(app, faults)
  serveTrading(app, exchange)
  serveMarketData(app, data)
  serveFaults(app, faults)
  serveConditions(app, exchange)
  const delivered = () => ({ bars: market.barsSent(), tradeUpdates: trades.updatesSent() })
  serveSandbox(app, clock, delivered)
  serveStatus(app, () => ({
    clock,
    data,
    source: options.tape.feed,
    recorded: options.recordedAt?.(clock.now()),
    connections: { data: market.connections(), news: news.connections() },
    faults: faults.list().length,
    delivered: delivered(),
  }))
  const sockets = upgradeTo({ market, news, trades })
  app.server.on('upgrade', sockets.upgrade)
  const url = await app.listen({ host: options.host, port: options.port }).catch((cause: unknown) => {
    throw new Fault(
      'EXCHANGE_PORT_TAKEN',
      `The exchange cannot listen on ${options.host}:${options.port}: ${cause instanceof Error ? cause.message : cause}. Choose another port.`,
      { cause },
    )
  })
  return {
    url,
    streamUrl: url.replace(/^http/, 'ws'),
    close: async () => {
      clock.close()
      for (const stream of [market, news, trades]) stream.close()
      sockets.close()
      // Sleepers get their 503 before their connections go.
      await new Promise((resolve) => setImmediate(resolve))
      await app.close()
    },
  }
}

type Parts = { readonly trades: TradeStream; readonly faults: Faults; readonly now: () => EpochMs }

async function assemble(
  options: ExchangeOptions,
  { trades, faults, now }: Parts,
): Promise<{ readonly exchange: Exchange; readonly floor: MarketFloor }> {
  const { tape, sessions, startAt, startingCash, fillModel: model, keys } = options
  const latest = createLatestBars(tape.listings)
  await noteBarsBefore(tape, startAt, latest)
  const halts = options.halts ?? []
  const conditions = conditionsUnder(faults, createConditions(tape.listings, halts))
  const { halfSpreadBps } = model
  const { isHalted } = conditions
  const floor = await openMarketFloor({ options, halfSpreadBps, halts, isHalted, latest, faults, now })
  const equity = createEquityHistory(startingCash)
  const configurations = createConfigurations(model)
  const ledger = createLedger({
    startingCash,
    model,
    rules: options.tradingRules ?? FINRA_RULES,
    choices: configurations.choices,
    conditions,
    sessions,
    accountSeed: keys.keyId,
    lifecycle: options.lifecycle ?? 'brief',
    cancelLatencyMs: options.cancelLatencyMs ?? 0,
    priceOf: latest.priceOf,
    publish: trades.publish,
  })
  const equityNow = () => equityOf(ledger.account(), latest.priceOf)
  const replay = createReplay({
    tape,
    sessions,
    startAt,
    isExtended: options.extendedHours ?? false,
    journal: options.journal ?? [],
    ledger,
    latest,
    emit: (minute) => {
      ledger.elapse(minute.closedAt)
      equity.note(minute.closedAt, equityNow())
      floor.emit(minute)
    },
    closed: ({ closesAt }) => {
      equity.note(closesAt, equityNow())
    },
    settle: () => (clock.speed() === 'max' ? settle([floor.market, floor.news, trades]) : Promise.resolve()),
  })
  const clock = createClock({ replay, sessions, speed: options.speed, timer: WALL })
  const listings = new Map(tape.listings.map((listing) => [listing.symbol, listing]))
  const accountId = uuidFrom('account', keys.keyId)
  const account = { accountId, createdAt: startAt, startingCash, ledger, configurations, equity }
  const exchange = { ...account, sessions, listings, clock, conditions, latest }
  return { exchange, floor }
}

const WALL: WallTimer = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

const LOOK_BACK_DAYS = 7

/** Notes the last day of bars that closed by `at`, so that prices are known before the first bar of the replay. */
async function noteBarsBefore(tape: Tape, at: EpochMs, latest: LatestBars): Promise<void> {
  for (let back = 0; back < LOOK_BACK_DAYS; back++) {
    const until = at - MINUTE_MS + 1 - back * DAY_MS
    const rows = await tape.rowsBetween(epochMs(until - DAY_MS), epochMs(until))
    if (rows.openedAt.length === 0) continue
    latest.note(rows, 0, rows.openedAt.length)
    latest.beginDay()
    return
  }
}

/** How long the replay waits for a client that does not read before it cuts it off. */
const PATIENCE_MS = 10_000

type Stream = { readonly isBehind: () => boolean; readonly cutOff: () => void }

async function settle(streams: readonly Stream[]): Promise<void> {
  const since = performance.now()
  while (streams.some((stream) => stream.isBehind())) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (performance.now() - since > PATIENCE_MS) for (const stream of streams) stream.cutOff()
  }
}

type Upgrade = Parameters<WebSocketServer['handleUpgrade']>
type Upgraded = {
  readonly upgrade: (request: Upgrade[0], socket: Upgrade[1], head: Upgrade[2]) => void
  readonly close: () => void
}

function upgradeTo({ market, news, trades }: Pick<MarketFloor, 'market' | 'news'> & { readonly trades: TradeStream }): Upgraded {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const connect = (pathname: string): ((socket: WebSocket, request: Upgrade[0]) => void) | undefined => {
    if (pathname === '/stream') return trades.connect
    if (pathname === '/v1beta1/news') return (socket, request) => news.connect(socket, request, 'news')
    const feed = /^\/v2\/(\w+)$/.exec(pathname)?.[1]
    return feed === undefined ? undefined : (socket, request) => market.connect(socket, request, feed)
  }
  return {
    upgrade: (request, socket, head) => {
      const open = connect(new URL(request.url ?? '/', 'http://exchange').pathname)
      if (open) server.handleUpgrade(request, socket, head, (opened) => open(opened, request))
      else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    },
    close: () => server.close(),
  }
}
