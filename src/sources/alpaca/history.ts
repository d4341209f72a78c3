import type { BarColumns } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import type { Outcome } from '#domain/outcome.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'

/** Recorded bars, asked for over REST. */
export interface BarHistory {
  /**
   * Unadjusted 1-minute bars that opened in [from, until), of one feed. A symbol without bars is missing from the answer.
   * Throws ALPACA_ANSWER_UNDECODABLE when the answer is not what the protocol says.
   */
  minuteBars(
    symbols: readonly Symbol_[],
    from: EpochMs,
    until: EpochMs,
  ): Promise<Outcome<ReadonlyMap<Symbol_, BarColumns>, BrokerUnavailable>>
}
