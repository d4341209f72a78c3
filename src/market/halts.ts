import { isoFrom } from '#domain/units.ts'
import type { TradingStatus } from '#sources/alpaca/market-news.ts'
import type { SymbolRecord } from './listing.ts'
import type { Finding } from './symbol-maintenance.ts'

/** Codes of a trading status, of both tapes: https://docs.alpaca.markets/docs/real-time-stock-pricing-data#trading-status. */
const HALTS: ReadonlySet<string> = new Set(['2', 'H', 'P'])
const RESUMPTIONS: ReadonlySet<string> = new Set(['3', 'T'])

/**
 * What a trading status makes of the symbol: a listed one is halted, a halted one listed again. Undefined when it changes
 * nothing: of a symbol that is delisted, renamed or not tradable, of one that is not kept, and for statuses that are neither.
 */
export function findingOfStatus(record: SymbolRecord | undefined, { at, status, reason }: TradingStatus): Finding | undefined {
  if (record === undefined) return undefined
  const isHalt = record.status === 'listed' && HALTS.has(status)
  const isResumption = record.status === 'halted' && RESUMPTIONS.has(status)
  if (!isHalt && !isResumption) return undefined
  const { symbol, isShortable, assetId } = record
  const standing = isHalt ? 'halted' : 'listed'
  const because = reason === '' ? '' : `, reason ${reason}`
  const evidence = `The exchange said so at ${isoFrom(at)} (status ${status}${because}).`
  return {
    ...{ symbol, status: standing, statusSince: at, isShortable, assetId, renamedTo: undefined },
    changes: [{ what: standing, evidence }],
  }
}
