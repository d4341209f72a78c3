import { WebSocketServer } from 'ws'
import { Fault } from '#domain/fault.ts'
import type { MicroUsd } from '#domain/money.ts'
import type { Session } from '#domain/sessions.ts'
import type { Tape } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { equityOf } from '#matching/account.ts'
import type { FillModel } from '#matching/fill-model.ts'
import { createClock, type Speed, type WallTimer } from './clock.ts'
import { createEquityHistory } from './equity-history.ts'
import type { Exchange } from './exchange.ts'
import { createHistory } from './history.ts'
import { createHttp } from './http.server.ts'
import { uuidFrom } from './ids.ts'
import { createLatestBars, type LatestBars } from './latest-bars.ts'
import { createLedger } from './ledger.ts'
import { serveMarketData } from './market-data.route.ts'
import type { StreamKeys } from './market-session.ts'
import { createMarketStream, type MarketStream } from './market-stream.server.ts'
import { createReplay, type JournaledOrder } from './replay.ts'
import { serveSandbox } from './sandbox.route.ts'
import { createTradeStream, type TradeStream } from './trade-stream.server.ts'
import { serveTrading } from './trading.route.ts'

export type ExchangeOptions = {
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
  /** The feed in the path of the data stream, `iex` unless given. */
  readonly feedPath?: string
  /** How long a data stream may stay silent before it authenticates; Alpaca's 10 s unless given. */
  readonly authTimeoutMs?: number
}

/** An exchange that listens. `streamUrl` is the base of the WebSocket addresses; `close` ends every connection at once. */
export type OpenExchange = { readonly url: string; readonly streamUrl: string; readonly close: () => Promise<void> }

/**
 * Opens an exchange that replays `tape` and speaks Alpaca's protocol; see docs/exchange.md. Several in one process share
 * nothing. Throws Fault EXCHANGE_PORT_TAKEN when the port is in use.
 */
export async function openExchange(options: ExchangeOptions): Promise<OpenExchange> {
  const { keys, tape } = options
  const market = createMarketStream({
    keys,
    feed: options.feedPath ?? 'iex',
    listings: tape.listings,
    authTimeoutMs: options.authTimeoutMs ?? 10_000,
  })
  const trades = createTradeStream(keys)
  const exchange = await assemble(options, market, trades)
  const app = createHttp(keys)
  serveTrading(app, exchange)
  serveMarketData(app, exchange)
  serveSandbox(app, exchange.clock, () => ({ bars: market.barsSent(), tradeUpdates: trades.updatesSent() }))
  const sockets = upgradeTo(market, trades)
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
      exchange.clock.close()
      market.close()
      trades.close()
      sockets.close()
      // Sleepers get their 503 before their connections go.
      await new Promise((resolve) => setImmediate(resolve))
      await app.close()
    },
  }
}

async function assemble(options: ExchangeOptions, market: MarketStream, trades: TradeStream): Promise<Exchange> {
  const { tape, sessions, startAt, startingCash, fillModel: model, keys } = options
  const latest = createLatestBars(tape.listings)
  await noteBarsBefore(tape, startAt, latest)
  const equity = createEquityHistory(startingCash)
  const ledger = createLedger({
    startingCash,
    model,
    listings: tape.listings,
    sessions,
    accountSeed: keys.keyId,
    priceOf: latest.priceOf,
    publish: trades.publish,
  })
  const equityNow = () => equityOf(ledger.account(), latest.priceOf)
  const replay = createReplay({
    tape,
    sessions,
    startAt,
    journal: options.journal ?? [],
    ledger,
    latest,
    emit: (minute) => {
      equity.note(minute.closedAt, equityNow())
      market.emit(minute)
    },
    closed: ({ closesAt }) => {
      equity.note(closesAt, equityNow())
      equity.noteClose(equityNow())
    },
    settle: () => (clock.speed() === 'max' ? settle([market, trades]) : Promise.resolve()),
  })
  const clock = createClock({ replay, sessions, speed: options.speed, timer: WALL })
  const listings = new Map(tape.listings.map((listing) => [listing.symbol, listing]))
  const accountId = uuidFrom('account', keys.keyId)
  const history = createHistory(tape, sessions)
  return { accountId, createdAt: startAt, startingCash, model, sessions, listings, clock, ledger, latest, equity, history }
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

async function settle(streams: readonly [MarketStream, TradeStream]): Promise<void> {
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

function upgradeTo(market: MarketStream, trades: TradeStream): Upgraded {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  return {
    upgrade: (request, socket, head) => {
      const { pathname } = new URL(request.url ?? '/', 'http://exchange')
      const feed = /^\/v2\/(\w+)$/.exec(pathname)?.[1]
      if (pathname !== '/stream' && feed === undefined) {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
        return
      }
      server.handleUpgrade(request, socket, head, (opened) => {
        if (feed === undefined) trades.connect(opened)
        else market.connect(opened, request, feed)
      })
    },
    close: () => server.close(),
  }
}
