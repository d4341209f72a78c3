import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { ListedAsset } from '#sources/alpaca/assets.ts'
import type { ListingStatus, SymbolChange, SymbolRecord } from './listing.ts'

/** For how many of the last sessions in a row a symbol had no bar while others had, and when its last bar opened, if it ever had one. */
export type Silence = { readonly sessions: number; readonly lastBarAt: EpochMs | undefined }

export type MaintenanceRules = {
  /** Sessions without a bar until a listed symbol counts as halted. */
  readonly haltedAfterSessions: number
  /** Sessions without a bar until a symbol that the broker does not list counts as delisted. */
  readonly delistedAfterSessions: number
  /** Most of the symbols, as a fraction, that one look may find gone; more is taken for a wrong answer. */
  readonly mostGoneAtOnce: number
}

/** What a look at the world has shown. */
export type Observed = {
  /** The broker's list, or undefined when no broker was asked. */
  readonly assets: readonly ListedAsset[] | undefined
  readonly silences: ReadonlyMap<Symbol_, Silence>
  readonly at: EpochMs
}

/** What is now known of one symbol. `changes` are what is new in it, each with the sentence that says by what it is known. */
export type Finding = {
  readonly symbol: Symbol_
  readonly status: ListingStatus
  readonly statusSince: EpochMs | undefined
  readonly isShortable: boolean | undefined
  readonly assetId: string | undefined
  readonly renamedTo: Symbol_ | undefined
  readonly changes: readonly { readonly what: SymbolChange; readonly evidence: string }[]
}

/** `implausible`: so many symbols seem gone that the answer is doubted, and nothing is to be changed. */
export type Maintenance =
  | { readonly kind: 'found'; readonly findings: readonly Finding[] }
  | { readonly kind: 'implausible'; readonly gone: readonly Symbol_[]; readonly of: number }

/**
 * What a look shows of every symbol of `known`, in their order. Looking again at the same finds no change. A small universe
 * may lose one symbol at a look whatever the fraction says.
 */
export function maintain(known: readonly SymbolRecord[], observed: Observed, rules: MaintenanceRules): Maintenance {
  const assets = assetIndex(observed.assets)
  const findings = known.map((record) => findingOf(record, { ...observed, assets }, rules))
  const gone = findings.filter(({ changes }) => changes.some(({ what }) => what === 'delisted')).map(({ symbol }) => symbol)
  const most = Math.max(1, Math.floor(known.length * rules.mostGoneAtOnce))
  return gone.length > most ? { kind: 'implausible', gone, of: known.length } : { kind: 'found', findings }
}

type AssetIndex = { readonly bySymbol: ReadonlyMap<string, ListedAsset>; readonly byId: ReadonlyMap<string, ListedAsset> }

function assetIndex(assets: readonly ListedAsset[] | undefined): AssetIndex | undefined {
  if (assets === undefined) return undefined
  // A ticker may be taken again: its gone share stands in the list beside the one that has it now.
  const living = [...assets].sort((a, b) => Number(a.isActive) - Number(b.isActive))
  return {
    bySymbol: new Map(living.map((asset) => [asset.symbol, asset])),
    byId: new Map(living.map((asset) => [asset.id, asset])),
  }
}

type Seen = Omit<Observed, 'assets'> & { readonly assets: AssetIndex | undefined }
type Standing = { readonly status: ListingStatus; readonly evidence: string; readonly since: EpochMs }

function findingOf(record: SymbolRecord, seen: Seen, rules: MaintenanceRules): Finding {
  const asset = seen.assets?.bySymbol.get(record.symbol)
  const successor = successorOf(record, seen.assets)
  const standing = successor === undefined ? standingOf(record, { asset, seen }, rules) : renamed(record, successor, seen.at)
  const renamedTo = standing.status === 'renamed' ? (successor ?? record.renamedTo) : undefined
  const isShortable = asset === undefined ? record.isShortable : asset.isActive && asset.isTradable && asset.isShortable
  const isNews = standing.status !== record.status || renamedTo !== record.renamedTo
  return {
    symbol: record.symbol,
    status: standing.status,
    statusSince: isNews ? standing.since : record.statusSince,
    isShortable,
    assetId: record.assetId ?? asset?.id,
    renamedTo,
    changes: [
      ...(isNews ? [{ what: standing.status, evidence: standing.evidence }] : []),
      ...(isShortable === record.isShortable ? [] : shortChange(record, isShortable)),
    ],
  }
}

/** The ticker that the broker has now for the share that it listed as this symbol, where it is another one. */
function successorOf({ symbol, assetId }: SymbolRecord, assets: AssetIndex | undefined): Symbol_ | undefined {
  const asset = assetId === undefined ? undefined : assets?.byId.get(assetId)
  return asset?.isActive && asset.symbol !== symbol ? asset.symbol : undefined
}

function renamed({ symbol }: SymbolRecord, successor: Symbol_, at: EpochMs): Standing {
  return { status: 'renamed', since: at, evidence: `The broker lists the share that was ${symbol} as ${successor}.` }
}

function standingOf(
  record: SymbolRecord,
  { asset, seen }: { readonly asset: ListedAsset | undefined; readonly seen: Seen },
  rules: MaintenanceRules,
): Standing {
  const { at } = seen
  const silence = seen.silences.get(record.symbol) ?? { sessions: 0, lastBarAt: undefined }
  const quietSince = silence.lastBarAt ?? at
  if (seen.assets === undefined) return unasked(record, silence, { rules, at, quietSince })
  if (asset === undefined) return unlisted(record, silence, { rules, at, quietSince })
  if (!asset.isActive) return { status: 'delisted', since: quietSince, evidence: 'The broker lists it as inactive.' }
  if (!asset.isTradable) return { status: 'not-tradable', since: at, evidence: 'The broker takes no order for it.' }
  if (silence.sessions >= rules.haltedAfterSessions)
    return { status: 'halted', since: quietSince, evidence: `The broker lists it as tradable, but ${noBars(silence)}.` }
  return { status: 'listed', since: at, evidence: 'The broker lists it as tradable, and bars come.' }
}

type Circumstances = { readonly rules: MaintenanceRules; readonly at: EpochMs; readonly quietSince: EpochMs }

/** A share that the broker's list lacks is gone if it was there before or is silent for long; else the broker never had it. */
function unlisted({ assetId }: SymbolRecord, silence: Silence, { rules, at, quietSince }: Circumstances): Standing {
  if (assetId !== undefined)
    return { status: 'delisted', since: quietSince, evidence: 'The broker listed it before and no longer does.' }
  if (silence.sessions >= rules.delistedAfterSessions)
    return { status: 'delisted', since: quietSince, evidence: `The broker does not list it, and ${noBars(silence)}.` }
  return { status: 'not-tradable', since: at, evidence: 'The broker does not list it.' }
}

/** Without a broker's word bars alone tell; what a broker said before stands until bars contradict it. */
function unasked(record: SymbolRecord, silence: Silence, { rules, at, quietSince }: Circumstances): Standing {
  const { status, statusSince } = record
  const evidence = `No broker was asked; ${noBars(silence)}.`
  if (status === 'renamed' || status === 'not-tradable') return { status, since: at, evidence }
  if (silence.sessions >= rules.delistedAfterSessions) return { status: 'delisted', since: quietSince, evidence }
  if (status === 'delisted' && !(quietSince > (statusSince ?? at))) return { status, since: quietSince, evidence }
  if (silence.sessions >= rules.haltedAfterSessions) return { status: 'halted', since: quietSince, evidence }
  return { status: 'listed', since: at, evidence: 'No broker was asked; bars come.' }
}

function noBars({ sessions, lastBarAt }: Silence): string {
  const since = lastBarAt === undefined ? '' : ` (the last opened at ${isoFrom(lastBarAt)})`
  return `it had no bar in the last ${sessions} sessions, in which others had${since}`
}

/** A share that can be sold short is the ordinary case, so finding that out for the first time is no event. */
function shortChange(record: SymbolRecord, isShortable: boolean | undefined): Finding['changes'] {
  if (isShortable === false) return [{ what: 'not-shortable', evidence: 'The broker does not lend it.' }]
  return record.isShortable === undefined ? [] : [{ what: 'shortable', evidence: 'The broker lends it.' }]
}
