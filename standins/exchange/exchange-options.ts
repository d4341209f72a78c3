import type { MicroUsd } from '#domain/money.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Tape } from '#domain/tape.ts'
import type { EpochMs } from '#domain/units.ts'
import type { FillModel } from '#matching/fill-model.ts'
import type { TradingRules } from '#matching/trading-rules.ts'
import type { Speed } from './clock.ts'
import type { Halt } from './conditions.ts'
import type { CorporateAction } from './corporate-actions.ts'
import type { ScriptedFault } from './faults.ts'
import type { StreamKeys } from './market-session.ts'
import type { Newswire } from './news.ts'
import type { Lifecycle } from './records.ts'
import type { JournaledOrder } from './replay.ts'
import type { StreamLimits } from './stream-limits.ts'

/** What an exchange may be told about its market data beside the tape. */
export type MarketOptions = {
  /** The feed in the path of the data stream and in queries, `iex` unless given. */
  readonly feedPath?: string
  /** Symbols whose bars on the tape are another symbol's; every bar says so. */
  readonly proxies?: ReadonlyMap<Symbol_, Symbol_>
  /** Ascending by ex-date. */
  readonly corporateActions?: readonly CorporateAction[]
  readonly news?: Newswire
  /** Whatever is not given has Alpaca's value for an account with all data: see `ALPACA_LIMITS`. */
  readonly limits?: Partial<StreamLimits>
}

/** A replayed session and the recorded one whose bars it shows; passes count from 1. */
export type RecordedSession = { readonly session: string; readonly recorded: string; readonly pass: number }

/** Everything that an exchange may be told when it opens. */
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
