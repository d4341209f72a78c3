import type { MicroUsd } from '#domain/money.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import type { EpochMs } from '#domain/units.ts'
import type { ReplayClock } from './clock.ts'
import type { Conditions } from './conditions.ts'
import type { Configurations } from './configurations.ts'
import type { EquityHistory } from './equity-history.ts'
import type { LatestBars } from './latest-bars.ts'
import type { Ledger } from './ledger.ts'

/** What one running exchange consists of; every request is answered out of this. */
export type Exchange = {
  readonly accountId: string
  readonly createdAt: EpochMs
  readonly startingCash: MicroUsd
  readonly sessions: readonly Session[]
  readonly listings: ReadonlyMap<Symbol_, Listing>
  readonly clock: ReplayClock
  readonly ledger: Ledger
  readonly conditions: Conditions
  readonly configurations: Configurations
  readonly latest: LatestBars
  readonly equity: EquityHistory
}
