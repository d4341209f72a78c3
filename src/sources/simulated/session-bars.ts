import type { BarColumns } from '#domain/bars.ts'
import { type RandomStream, randomStream } from '#domain/random.ts'
import type { Session } from '#domain/sessions.ts'
import { MINUTE_MS, type PriceColumn, type SharesColumn, type TimeColumn } from '#domain/units.ts'
import type { Company } from './companies.ts'
import type { LogPrices } from './log-prices.ts'
import { intradayLevel } from './noise.ts'

const SILENT_MINUTE = 0.004
const TICKS_PER_DOLLAR = 100

type Rows = { openedAt: number[]; open: number[]; high: number[]; low: number[]; close: number[]; volumeShares: number[] }

/**
 * 1-minute bars of one company over all `sessions`, prices in whole cents. A minute opens where the one before closed; about
 * one in 250, never the first, has no trade and so no bar.
 */
export function barsFrom(
  seed: number,
  company: Company,
  course: { readonly sessions: readonly Session[]; readonly prices: readonly LogPrices[] },
): BarColumns {
  const rows: Rows = { openedAt: [], open: [], high: [], low: [], close: [], volumeShares: [] }
  course.sessions.forEach((session, i) => {
    const back = course.sessions.length - 1 - i
    appendSession(rows, randomStream(seed, 'bars', company.listing.symbol, back), {
      session,
      prices: course.prices[i],
      minuteShares: company.minuteShares,
    })
  })
  return {
    symbol: company.listing.symbol,
    openedAt: Float64Array.from(rows.openedAt) as TimeColumn,
    open: Float64Array.from(rows.open) as PriceColumn,
    high: Float64Array.from(rows.high) as PriceColumn,
    low: Float64Array.from(rows.low) as PriceColumn,
    close: Float64Array.from(rows.close) as PriceColumn,
    volumeShares: Float64Array.from(rows.volumeShares) as SharesColumn,
  }
}

function appendSession(
  rows: Rows,
  random: RandomStream,
  { session, prices, minuteShares }: { readonly session: Session; readonly prices: LogPrices; readonly minuteShares: number },
): void {
  prices.close.forEach((close, minute) => {
    const open = minute === 0 ? prices.open : prices.close[minute - 1]
    const level = intradayLevel(minute)
    const [above, below, size] = [random.normal(), random.normal(), random.normal()]
    if (random.uniform() < SILENT_MINUTE && minute > 0) return
    rows.openedAt.push(session.opensAt + minute * MINUTE_MS)
    rows.open.push(inCents(open))
    rows.high.push(inCents(Math.max(open, close) + 2e-4 * level * Math.abs(above)))
    rows.low.push(inCents(Math.min(open, close) - 2e-4 * level * Math.abs(below)))
    rows.close.push(inCents(close))
    rows.volumeShares.push(Math.max(100, Math.round(minuteShares * level * Math.exp(0.5 * size))))
  })
}

// Rounding keeps the order of what it rounds, so low ≤ open, close ≤ high survives it.
function inCents(logPrice: number): number {
  return Math.round(Math.exp(logPrice) * TICKS_PER_DOLLAR) / TICKS_PER_DOLLAR
}
