import { wrongRequest } from '#domain/fault.ts'

/** Where each thing stands in a file of bars: the index of its column. */
export type BarColumnsAt = {
  readonly symbol: number
  readonly timestamp: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly vwap: number | undefined
  readonly trades: number | undefined
}

/** What a file's first line says it holds. `unused` are columns that nothing is taken from, as they are written. */
export type Header =
  | { readonly kind: 'bars'; readonly at: BarColumnsAt; readonly columns: number; readonly unused: readonly string[] }
  | {
      readonly kind: 'symbols'
      readonly at: { readonly symbol: number; readonly name: number; readonly sector: number }
      readonly columns: number
    }

const STAMP_NAMES = ['timestamp', 't', 'time', 'date', 'datetime']
const NEEDED = ['open', 'high', 'low', 'close', 'volume'] as const
const USED = new Set<string>(['symbol', ...STAMP_NAMES, ...NEEDED, 'vwap', 'trades'])

/**
 * What the first line of `file` says. Names are compared without case. Throws IMPORT_COLUMNS_MISSING when neither bars nor
 * symbols can be read by it, and IMPORT_COLUMNS_REPEATED when a name that matters stands twice.
 */
export function headerFrom(names: readonly string[], file: string): Header {
  const known = names.map((name) => name.trim().toLowerCase())
  refuseRepeated(known, file)
  const indexOf = (name: string) => known.indexOf(name)
  const [symbol, name, sector] = ['symbol', 'name', 'sector'].map(indexOf)
  if (symbol >= 0 && name >= 0 && sector >= 0) return { kind: 'symbols', at: { symbol, name, sector }, columns: names.length }
  const timestamp = known.findIndex((column) => STAMP_NAMES.includes(column))
  const missing = [
    ...(symbol < 0 ? ['symbol'] : []),
    ...(timestamp < 0 ? ['timestamp'] : []),
    ...NEEDED.filter((column) => indexOf(column) < 0),
  ]
  if (missing.length > 0) throw columnsMissing(missing, names, file)
  const [open, high, low, close, volume] = NEEDED.map(indexOf)
  const [vwap, trades] = ['vwap', 'trades'].map(indexOf).map((index) => (index < 0 ? undefined : index))
  const unused = names.filter((_, i) => !USED.has(known[i]))
  return { kind: 'bars', at: { symbol, timestamp, open, high, low, close, volume, vwap, trades }, columns: names.length, unused }
}

function refuseRepeated(known: readonly string[], file: string): void {
  const isStamp = (name: string) => STAMP_NAMES.includes(name)
  const repeated = known.find(
    (name, i) => USED.has(name) && known.findIndex((other) => other === name || (isStamp(other) && isStamp(name))) < i,
  )
  if (repeated === undefined) return
  throw wrongRequest(
    'IMPORT_COLUMNS_REPEATED',
    `${file} has two columns for \`${repeated}\` (one of ${STAMP_NAMES.join(', ')} is the timestamp); leave one of them.`,
  )
}

function columnsMissing(missing: readonly string[], names: readonly string[], file: string): Error {
  const seen = names.slice(0, 12).join(',').slice(0, 120)
  return wrongRequest(
    'IMPORT_COLUMNS_MISSING',
    `${file} lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')} (its first line reads \`${seen}\`); expected are symbol, timestamp, open, high, low, close, volume, or symbol, name, sector.`,
  )
}
