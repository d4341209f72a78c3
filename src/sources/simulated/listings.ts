import { wrongRequest } from '#domain/fault.ts'
import type { Symbol_ } from '#domain/symbol.ts'

/** An invented company. Its ticker starts with ZX, as no listed share does, and its name says that it is simulated. */
export type SimulatedListing = { readonly symbol: Symbol_; readonly name: string; readonly sector: string }

const SECTORS = [
  { sector: 'Energy', trade: 'Petroleum' },
  { sector: 'Consumer Staples', trade: 'Foods' },
  { sector: 'Financials', trade: 'Bancorp' },
  { sector: 'Information Technology', trade: 'Systems' },
  { sector: 'Health Care', trade: 'Medical' },
  { sector: 'Industrials', trade: 'Engineering' },
  { sector: 'Utilities', trade: 'Waterworks' },
  { sector: 'Materials', trade: 'Alloys' },
  { sector: 'Communication Services', trade: 'Telecom' },
  { sector: 'Consumer Discretionary', trade: 'Retail' },
  { sector: 'Real Estate', trade: 'Land' },
] as const

// Distinct initials here and in the trades above make every ticker distinct.
const HOUSES = [
  'Harbor',
  'Anvil',
  'Meridian',
  'Cedar',
  'Beacon',
  'Ridge',
  'Lantern',
  'Prairie',
  'Granite',
  'Summit',
  'Juniper',
  'Tundra',
  'Orchard',
  'Ember',
  'Keel',
  'Dune',
  'Nimbus',
  'Quarry',
  'Fjord',
  'Iris',
]

/**
 * The companies of a generated market, sector by sector: [sectors × symbolsPerSector], all tickers distinct.
 * Throws SIMULATION_SIZE beyond 11 sectors or 20 symbols in each, or below one.
 */
export function inventListings(sectors: number, symbolsPerSector: number): SimulatedListing[] {
  refuseSize('sectors', sectors, SECTORS.length)
  refuseSize('symbols_per_sector', symbolsPerSector, HOUSES.length)
  return SECTORS.slice(0, sectors).flatMap(({ sector, trade }, s) =>
    Array.from({ length: symbolsPerSector }, (_, i) => {
      const house = HOUSES[(s * 4 + i) % HOUSES.length]
      return { symbol: `ZX${house[0]}${trade[0]}` as Symbol_, name: `${house} ${trade} (simulated)`, sector }
    }),
  )
}

function refuseSize(setting: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw wrongRequest(
    'SIMULATION_SIZE',
    `simulation.${setting} is ${value}, but a generated market has 1 to ${most}; choose a whole number in that range.`,
  )
}
