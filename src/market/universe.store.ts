import type { Sql } from '#database/connection.client.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import { type KeptOut, keptOutBecause } from './listing.ts'
import { sectorChoice } from './sectors.store.ts'
import { symbolRecords } from './symbol-records.store.ts'

/** Which of some symbols may be newly traded, in the order given, and why the others may not. */
export type Universe = { readonly open: readonly Symbol_[]; readonly keptOut: ReadonlyMap<Symbol_, KeptOut> }

/**
 * The symbols among `symbols` that take new entries at `at`. `activeSectors` are those that the configuration names (empty: all).
 * A symbol that nobody has told anything of may be traded.
 */
export async function universeOf(
  sql: Sql,
  symbols: readonly Symbol_[],
  { activeSectors, at }: { readonly activeSectors: readonly string[]; readonly at: EpochMs },
): Promise<Universe> {
  const [records, sectors] = [await symbolRecords(sql), await sectorChoice(sql, activeSectors)]
  const reasons = new Map(records.map((record) => [record.symbol, keptOutBecause(record, sectors, at)]))
  const keptOut = new Map(
    symbols.flatMap((symbol) => {
      const reason = reasons.get(symbol)
      return reason === undefined ? [] : [[symbol, reason] as const]
    }),
  )
  return { open: symbols.filter((symbol) => !keptOut.has(symbol)), keptOut }
}
