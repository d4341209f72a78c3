import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs } from '#domain/units.ts'

/**
 * How a symbol stands at its exchange. `halted`: listed and tradable by its record, but no bar comes while others' do;
 * `not-tradable`: the broker takes no order for it; `renamed`: the same share has another ticker now.
 */
export type ListingStatus = 'listed' | 'halted' | 'not-tradable' | 'delisted' | 'renamed'

/** A symbol as it is kept, with all that is known of its listing. Undefined is not known. */
export type SymbolRecord = {
  readonly symbol: Symbol_
  readonly name: string
  readonly sector: string | undefined
  readonly exchange: string
  /** Whether a person wants it traded. */
  readonly isActive: boolean
  readonly isSimulated: boolean
  readonly status: ListingStatus
  readonly statusSince: EpochMs | undefined
  readonly isShortable: boolean | undefined
  /** The broker's own name of the share, which stays when the ticker changes. */
  readonly assetId: string | undefined
  readonly renamedTo: Symbol_ | undefined
  readonly checkedAt: EpochMs | undefined
}

/** What happened to a symbol, and by what that is known. */
export type SymbolChange = ListingStatus | 'added' | 'activated' | 'deactivated' | 'shortable' | 'not-shortable'

export type SymbolEvent = {
  readonly symbol: Symbol_
  readonly at: EpochMs
  readonly what: SymbolChange
  /** A sentence. */
  readonly evidence: string
  /** `maintenance`, `page`, `command line`. */
  readonly by: string
}

/** Why a symbol takes no new entry. */
export type KeptOut = 'inactive' | 'sector-inactive' | Exclude<ListingStatus, 'listed'>

/** Sectors in effect: those a person switched on the page or command line, over those the configuration names (none: every sector). */
export type SectorChoice = {
  readonly configured: readonly string[]
  /** By the sector's name in small letters. */
  readonly chosen: ReadonlyMap<string, boolean>
}

/** Whether symbols of `sector` may be traded; one without a sector may. Letters' case is not looked at. */
export function isSectorActive(sector: string | undefined, { configured, chosen }: SectorChoice): boolean {
  if (sector === undefined) return true
  const name = sector.toLowerCase()
  return chosen.get(name) ?? (configured.length === 0 || configured.some((one) => one.toLowerCase() === name))
}

/**
 * Why a symbol takes no new entry at `at`, or undefined when it may. A status counts from the instant on since which it holds, so that
 * a past day is rehearsed with the symbols that were listed then, those included that have gone since.
 */
export function keptOutBecause(
  record: Pick<SymbolRecord, 'isActive' | 'sector' | 'status' | 'statusSince'>,
  sectors: SectorChoice,
  at: EpochMs,
): KeptOut | undefined {
  if (!record.isActive) return 'inactive'
  if (!isSectorActive(record.sector, sectors)) return 'sector-inactive'
  const { status, statusSince } = record
  return status !== 'listed' && (statusSince === undefined || statusSince <= at) ? status : undefined
}
