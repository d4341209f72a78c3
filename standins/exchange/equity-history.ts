import { type MicroUsd, usdFrom } from '#domain/money.ts'
import { DAY_MS, type EpochMs, MINUTE_MS } from '#domain/units.ts'

/** Equity at instants, both columns of one length: epoch ms and US dollars. */
export type EquitySeries = { readonly at: readonly number[]; readonly equity: readonly number[] }

/** The account's equity minute by minute, as far as the replay has come. */
export type EquityHistory = {
  /** `at` ascends; the same instant again replaces what was noted. */
  readonly note: (at: EpochMs, equity: MicroUsd) => void
  /** The last value within each step of `stepMs` that was noted in (after, until]. */
  readonly sampled: (stepMs: number, range: { readonly after: number; readonly until: number }) => EquitySeries
  /** The last value noted by `at`; the starting cash before the first. US dollars. */
  readonly valueBy: (at: number) => number
}

/** Bucket sizes of Alpaca's portfolio history. */
export const HISTORY_STEPS_MS: Readonly<Record<'1Min' | '5Min' | '15Min' | '1H' | '1D', number>> = {
  '1Min': MINUTE_MS,
  '5Min': 5 * MINUTE_MS,
  '15Min': 15 * MINUTE_MS,
  '1H': 60 * MINUTE_MS,
  '1D': DAY_MS,
}

export function createEquityHistory(startingCash: MicroUsd): EquityHistory {
  const noted = new Map<number, number>()
  return {
    note: (at, equity) => {
      noted.set(at, usdFrom(equity))
    },
    sampled: (stepMs, { after, until }) => {
      const buckets = new Map<number, number>()
      for (const [at, equity] of noted) {
        // A bar that closes on a full step still belongs to the step before.
        if (at > after && at <= until) buckets.set(at - 1 - ((at - 1) % stepMs), equity)
      }
      return { at: [...buckets.keys()], equity: [...buckets.values()] }
    },
    valueBy: (at) => {
      let last = usdFrom(startingCash)
      for (const [notedAt, equity] of noted) {
        if (notedAt > at) break
        last = equity
      }
      return last
    },
  }
}
