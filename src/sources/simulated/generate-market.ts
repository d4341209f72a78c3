import type { BarColumns } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import { foundCompanies, type PlantedPair } from './companies.ts'
import type { SimulatedListing } from './listings.ts'
import { type LogPrices, moverPrices, partnerPrices } from './log-prices.ts'
import { barsFrom } from './session-bars.ts'

/** A generated market: invented companies, their 1-minute bars, and the pairs that are cointegrated by construction. */
export type SimulatedMarket = {
  readonly listings: readonly SimulatedListing[]
  /** As `listings`. */
  readonly bars: readonly BarColumns[]
  readonly planted: readonly PlantedPair[]
}

/**
 * A market of `sectors` × `symbolsPerSector` companies over `sessions` (ascending): market, sector and own returns with
 * GARCH volatility and a U-shaped day, and in each sector planted pairs whose spread reverts with a half-life of 20 to 55 bars
 * and leaves its mean by three deviations early in the last session. Same arguments, same bars; the last session's are the
 * same on whatever dates and after however many sessions. Throws SIMULATION_SIZE.
 */
export function generateMarket(options: {
  readonly seed: number
  readonly sectors: number
  readonly symbolsPerSector: number
  readonly sessions: readonly Session[]
}): SimulatedMarket {
  const { seed, sessions } = options
  const companies = foundCompanies(seed, options)
  const prices = new Map<string, LogPrices[]>()
  for (const company of companies) {
    if (company.kind === 'mover') prices.set(company.listing.symbol, moverPrices(seed, company, sessions))
    else prices.set(company.listing.symbol, partnerPrices(seed, company, prices.get(company.planted.pair.x) ?? []))
  }
  return {
    listings: companies.map((c) => c.listing),
    bars: companies.map((c) => barsFrom(seed, c, { sessions, prices: prices.get(c.listing.symbol) ?? [] })),
    planted: companies.flatMap((c) => (c.kind === 'partner' ? [c.planted] : [])),
  }
}
