import type { Tape } from '#domain/tape.ts'
import { DAY_MS, type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { equityOf } from '#matching/margin.ts'
import { FINRA_RULES } from '#matching/trading-rules.ts'
import { createClock, type WallTimer } from './clock.ts'
import { createConditions } from './conditions.ts'
import { createConfigurations } from './configurations.ts'
import { createEquityHistory } from './equity-history.ts'
import type { Exchange } from './exchange.ts'
import type { ExchangeOptions } from './exchange-options.ts'
import type { Faults } from './faults.ts'
import { conditionsUnder } from './faulty-conditions.ts'
import { uuidFrom } from './ids.ts'
import { createLatestBars, type LatestBars } from './latest-bars.ts'
import { createLedger } from './ledger.ts'
import { type MarketFloor, openMarketFloor } from './market-floor.server.ts'
import { createReplay } from './replay.ts'
import { settle } from './settle.server.ts'
import type { TradeStream } from './trade-stream.server.ts'

/** What is there before the exchange is: the stream of updates, the faults, and the clock that is about to be. */
type Parts = { readonly trades: TradeStream; readonly faults: Faults; readonly now: () => EpochMs }

/** Puts an exchange together out of its options, with the prices before `startAt` noted. It listens nowhere yet. */
export async function assembled(
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
    settle: () => (clock.speed() === 'max' ? settle([floor.market, floor.news, trades], floor.patienceMs) : Promise.resolve()),
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
