import { type MicroUsd, usdFrom } from '#domain/money.ts'
import { DAY_MS, type EpochMs, MINUTE_MS } from '#domain/units.ts'

/** The account's equity minute by minute, as far as the replay has come. */
export type EquityHistory = {
  /** `at` ascends; the same instant again replaces what was noted. */
  readonly note: (at: EpochMs, equity: MicroUsd) => void
  readonly noteClose: (equity: MicroUsd) => void
  /** At the last close; the starting cash before the first. */
  readonly atLastClose: () => MicroUsd
  /** The last value within each step of `stepMs`: epoch ms and US dollars. */
  readonly sampled: (stepMs: number) => { readonly at: readonly number[]; readonly equity: readonly number[] }
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
  let lastClose = startingCash
  return {
    note: (at, equity) => {
      noted.set(at, usdFrom(equity))
    },
    noteClose: (equity) => {
      lastClose = equity
    },
    atLastClose: () => lastClose,
    sampled: (stepMs) => {
      const buckets = new Map<number, number>()
      // A bar that closes on a full step still belongs to the step before.
      for (const [at, equity] of noted) buckets.set(at - 1 - ((at - 1) % stepMs), equity)
      return { at: [...buckets.keys()], equity: [...buckets.values()] }
    },
  }
}
