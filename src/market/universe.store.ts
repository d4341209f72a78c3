import type { Sql } from '#database/connection.client.ts'
import { bySymbol, type Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Settings } from '#settings/schema.ts'
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

/** A symbol that is halted or that the broker takes no order for may have bars all the same; their coming back is what shows it. */
const STILL_COLLECTED: ReadonlySet<KeptOut> = new Set(['halted', 'not-tradable'])

/**
 * The symbols whose bars are collected at `at`, ascending: of those that are kept and not simulated (of `market.universe` when
 * none is) all that are active and listed.
 */
export async function collectedSymbols(
  sql: Sql,
  { market, sectors }: Pick<Settings, 'market' | 'sectors'>,
  at: EpochMs,
): Promise<Symbol_[]> {
  const kept = (await symbolRecords(sql)).filter(({ isSimulated }) => !isSimulated).map(({ symbol }) => symbol)
  const named = kept.length === 0 ? market.universe : kept
  const { keptOut } = await universeOf(sql, named, { activeSectors: sectors.active, at })
  const isCollected = (symbol: Symbol_) => {
    const reason = keptOut.get(symbol)
    return reason === undefined || STILL_COLLECTED.has(reason)
  }
  return [...new Set(named)].filter(isCollected).sort(bySymbol)
}
