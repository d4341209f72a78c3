import type { BarColumns } from '#domain/bars.ts'
import { MINUTE_MS, type PriceColumn, type TimeColumn } from '#domain/units.ts'

/**
 * Closes of one symbol on a clock shared with others. Row t is the close of the bar that opened at clock[t]; where
 * none did, the last close is carried while that bar opened at most `carryBars` minutes earlier, else NaN. This is the
 * only fill in the program: a minute without a trade leaves the last price standing, a longer silence is unknown.
 * `bars` and `clock` ascend; both may be empty. Returns [clock.length] USD per share. Row t uses bars up to clock[t].
 */
export function alignOnClock(bars: BarColumns, clock: TimeColumn, { carryBars }: { readonly carryBars: number }): PriceColumn {
  const { openedAt, close } = bars
  const aligned = new Float64Array(clock.length).fill(Number.NaN)
  let next = 0
  for (let t = 0; t < clock.length; t++) {
    while (next < openedAt.length && openedAt[next] <= clock[t]) next++
    if (next > 0 && clock[t] - openedAt[next - 1] <= carryBars * MINUTE_MS) aligned[t] = close[next - 1]
  }
  return aligned as PriceColumn
}
