import type { MicroUsd } from '#domain/money.ts'
import type { Session } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Account } from '#matching/account.ts'
import type { Charge } from '#matching/close.ts'
import type { FillModel } from '#matching/fill-model.ts'
import type { MarginTerms, PriceOf } from '#matching/margin.ts'
import type { Matched } from '#matching/order-event.ts'
import type { AccountChoices, TradingRules } from '#matching/trading-rules.ts'
import type { Conditions } from './conditions.ts'
import type { LedgerUpdate } from './order-record.ts'
import type { Lifecycle, Records } from './records.ts'

export type LedgerTerms = {
  readonly startingCash: MicroUsd
  readonly model: FillModel
  readonly rules: TradingRules
  /** As the owner has chosen by now. */
  readonly choices: () => AccountChoices
  readonly conditions: Conditions
  readonly sessions: readonly Session[]
  /** Names the account; ids derive from it. */
  readonly accountSeed: string
  readonly lifecycle: Lifecycle
  /** How long after the request an order is cancelled; it may fill until then. */
  readonly cancelLatencyMs: number
  readonly priceOf: PriceOf
  readonly publish: (update: LedgerUpdate) => void
}

/** What a ledger remembers. `leaving`: cancels that were asked for and when they take effect, by client id. */
export type LedgerState = {
  readonly terms: LedgerTerms
  readonly records: Records
  account: Account
  readonly charges: Charge[]
  readonly leaving: Map<string, EpochMs>
}

/** What limits the account now. */
export function marginOf({ model, rules, choices, priceOf }: LedgerTerms): MarginTerms {
  return { model, rules, choices: choices(), priceOf }
}

/** Takes over what matching did: everything is noted before anything is told. */
export function commit(state: LedgerState, matched: Matched): void {
  state.account = matched.account
  for (const announce of matched.events.map(state.records.noteMatched)) announce()
}
