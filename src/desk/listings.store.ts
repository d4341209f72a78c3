import type { Sql } from '#database/connection.client.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { isSectorActive, keptOutBecause, type SymbolRecord } from '#market/listing.ts'
import { sectorChoice, sectorRows } from '#market/sectors.store.ts'
import { symbolEvents, symbolRecords } from '#market/symbol-records.store.ts'
import type { SectorView, SymbolEventView, SymbolView } from './market-views.ts'

/** `activeSectors` are those that the configuration names (empty: all), `at` is the instant at which an entry would be made. */
export type ListingsAsked = { readonly activeSectors: readonly string[]; readonly at: EpochMs }

/** Every symbol that is kept, ascending, with whether it takes new entries. */
export async function symbolViews(sql: Sql, { activeSectors, at }: ListingsAsked): Promise<SymbolView[]> {
  const [records, sectors] = [await symbolRecords(sql), await sectorChoice(sql, activeSectors)]
  return records.map((record) => ({ ...viewOf(record), keptOut: keptOutBecause(record, sectors, at) ?? null }))
}

function viewOf(record: SymbolRecord): Omit<SymbolView, 'keptOut'> {
  const { symbol, name, isActive, isSimulated, status } = record
  return {
    symbol,
    name,
    sector: record.sector ?? null,
    isActive,
    isSimulated,
    status,
    statusSince: record.statusSince ?? null,
    isShortable: record.isShortable ?? null,
    renamedTo: record.renamedTo ?? null,
    checkedAt: record.checkedAt ?? null,
  }
}

/** Every sector that a symbol has, by name, with whether it is traded and who decided that. */
export async function sectorViews(sql: Sql, asked: ListingsAsked): Promise<SectorView[]> {
  const [rows, choice, symbols] = [
    await sectorRows(sql),
    await sectorChoice(sql, asked.activeSectors),
    await symbolViews(sql, asked),
  ]
  return rows.map(({ sector, symbols: count, switchedBy }) => ({
    sector,
    isActive: isSectorActive(sector, choice),
    symbols: count,
    tradable: symbols.filter((one) => one.sector === sector && one.keptOut === null).length,
    decidedBy: switchedBy ?? 'configuration',
  }))
}

/** What happened to a symbol, or to any, newest first. */
export async function symbolHistory(
  sql: Sql,
  asked: { readonly symbol: Symbol_ | undefined; readonly limit: number },
): Promise<SymbolEventView[]> {
  return symbolEvents(sql, asked)
}
