import { z } from 'zod'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import { bySymbol } from '#domain/symbol.ts'
import type { Listing } from '#domain/tape.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { wrongQuery } from './data-query.ts'
import type { Refusal } from './refusal.ts'
import type { RunningDay } from './running-day.ts'

const Actives = z.object({
  by: z.enum(['volume', 'trades']).default('volume'),
  top: z.coerce.number().int().min(1).max(100).default(10),
})
const Movers = z.object({ top: z.coerce.number().int().min(1).max(50).default(10) })

type Floor = { readonly listings: readonly Listing[]; readonly day: RunningDay; readonly now: EpochMs }

/** `/v1beta1/screener/stocks/most-actives`: today's volumes so far, or the last day's before the first bar. */
export function mostActivesAnswer({ listings, day, now }: Floor, query: unknown): Outcome<object, Refusal> {
  const parsed = Actives.safeParse(query)
  if (!parsed.success) return refuse(wrongQuery(parsed.error))
  const { by, top } = parsed.data
  const traded = listings.flatMap(({ symbol }) => {
    const bar = day.dayOf(symbol)
    return bar === undefined ? [] : { symbol, volume: bar.volumeShares, trade_count: bar.trades }
  })
  const figure = by === 'volume' ? 'volume' : 'trade_count'
  const ordered = traded.sort((a, b) => b[figure] - a[figure] || bySymbol(a.symbol, b.symbol))
  return ok({ most_actives: ordered.slice(0, top), last_updated: isoFrom(now) })
}

/** `/v1beta1/screener/stocks/movers`: last prices against the close of the day before; who has neither is left out. */
export function moversAnswer({ listings, day, now }: Floor, query: unknown): Outcome<object, Refusal> {
  const parsed = Movers.safeParse(query)
  if (!parsed.success) return refuse(wrongQuery(parsed.error))
  const moved = listings.flatMap(({ symbol }) => {
    const [today, before] = [day.dayOf(symbol), day.dayBeforeOf(symbol)]
    if (today === undefined || before === undefined) return []
    const change = today.close - before.close
    return { symbol, price: today.close, change: hundredths(change), percent_change: hundredths((100 * change) / before.close) }
  })
  const rising = moved.toSorted((a, b) => b.percent_change - a.percent_change || bySymbol(a.symbol, b.symbol))
  return ok({
    gainers: rising.filter(({ change }) => change > 0).slice(0, parsed.data.top),
    losers: rising
      .toReversed()
      .filter(({ change }) => change < 0)
      .slice(0, parsed.data.top),
    market_type: 'stocks',
    last_updated: isoFrom(now),
  })
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}
