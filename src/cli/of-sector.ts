import type { SymbolView } from '#desk/market-views.ts'
import { wrongRequest } from '#domain/fault.ts'

/** The symbols of a sector, of which case does not matter. Throws SECTOR_UNKNOWN when there is none. */
export function symbolsOfSector(symbols: readonly SymbolView[], sector: string): SymbolView[] {
  const found = symbols.filter((view) => view.sector?.toLowerCase() === sector.toLowerCase())
  if (found.length > 0) return found
  throw wrongRequest('SECTOR_UNKNOWN', `No symbol is of a sector '${sector}'; spreadworks sectors summary lists them.`)
}
