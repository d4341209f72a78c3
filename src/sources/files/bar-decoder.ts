import { symbolFrom } from '#domain/symbol.ts'
import { BATCH_ROWS, type BarBatch, type BarFileOptions, openBatch } from './bar-batch.ts'
import { barRow, placeInTime, readValues, sessionsByDay } from './bar-row.ts'
import { type FieldSpans, fieldText } from './csv-record.ts'
import type { Header } from './header.ts'
import { LONGEST_KEPT_TEXT, type RejectReason } from './reject-reason.ts'
import { stampReader } from './stamp.ts'
import { count, emptyTally, type SymbolTally, symbolTally, type Tally } from './tally.ts'

/** One record of a file: its bytes [start, end), its fields and the line it begins on. */
export type CsvRecord = {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly spans: FieldSpans
  readonly line: number
}

/** Turns records into batches of columns; rows that break a rule go into `rejects`. */
export type BarDecoder = {
  /** Takes one record; returns a batch whenever one is full. */
  readonly take: (record: CsvRecord) => BarBatch | undefined
  /** What is left, after the last record. */
  readonly rest: () => BarBatch
  readonly tally: Tally
}

export function barDecoder(header: Header & { kind: 'bars' }, options: BarFileOptions): BarDecoder {
  const tally = emptyTally()
  const readStamp = stampReader(options.zone)
  const symbols = symbolTable(tally, (symbol) => batch.newSymbols.push(symbol))
  const rules = { timeframe: options.timeframe, isSessionOnly: options.isSessionOnly, sessionOf: sessionsByDay() }
  const row = barRow()
  let batch = openBatch()
  let previous: SymbolTally | undefined

  const brokenRule = ({ bytes, spans }: CsvRecord, symbol: SymbolTally | undefined): RejectReason | undefined => {
    if (symbol === undefined) return 'symbol-form'
    const stamp = readStamp(bytes, spans.starts[header.at.timestamp], spans.ends[header.at.timestamp])
    return placeInTime(row, stamp, rules) ?? readValues(row, bytes, { spans, at: header.at })
  }

  const accept = (line: number, of: SymbolTally) => {
    const i = batch.rows++
    batch.symbolIndex[i] = of.index
    batch.line[i] = line
    batch.openedAt[i] = row.openedAt
    batch.open[i] = row.open
    batch.high[i] = row.high
    batch.low[i] = row.low
    batch.close[i] = row.close
    batch.volumeShares[i] = row.volumeShares
    batch.vwap[i] = row.vwap
    batch.trades[i] = row.trades
    count(tally, row, { of, previous, session: row.session })
    previous = of
  }

  const handOver = (): BarBatch => {
    const full = batch
    batch = openBatch()
    return full
  }

  return {
    tally,
    take(record) {
      const shape = brokenShape(record.spans, header.columns)
      const symbol = shape === undefined ? symbols(record, header.at.symbol) : undefined
      const reason = shape ?? brokenRule(record, symbol)
      if (reason !== undefined) batch.rejects.push({ line: record.line, reason, text: textOf(record) })
      else if (symbol !== undefined) accept(record.line, symbol)
      return batch.rows === BATCH_ROWS || batch.rejects.length === BATCH_ROWS ? handOver() : undefined
    },
    rest: handOver,
  }
}

/** The record as it stands in the file, without its line end, cut to LONGEST_KEPT_TEXT characters. */
export function textOf({ bytes, start, end }: CsvRecord): string {
  return bytes
    .toString('utf8', start, end)
    .replace(/\r?\n$/, '')
    .slice(0, LONGEST_KEPT_TEXT)
}

function brokenShape(spans: FieldSpans, columns: number): RejectReason | undefined {
  if (spans.isBroken) return 'fields-broken'
  return spans.count === columns ? undefined : 'fields-count'
}

/** Finds a record's symbol among those of the tally; rows of one symbol mostly follow each other, so bytes are compared first. */
function symbolTable(
  tally: Tally,
  onNew: (symbol: string) => void,
): (record: CsvRecord, column: number) => SymbolTally | undefined {
  const known = new Map<string, SymbolTally>()
  let last: SymbolTally | undefined
  let lastBytes: Uint8Array = new Uint8Array(0)
  return (record, column) => {
    const start = record.spans.starts[column]
    const end = record.spans.ends[column]
    if (last && isSame(record.bytes, start, { end, lastBytes })) return last
    const text = fieldText(record.bytes, record.spans, column)
    const found = known.get(text) ?? added(text, tally)
    if (!found) return undefined
    if (!known.has(text)) onNew(text)
    known.set(text, found)
    last = found
    lastBytes = Uint8Array.from(record.bytes.subarray(start, end))
    return found
  }
}

function added(text: string, tally: Tally): SymbolTally | undefined {
  const symbol = symbolFrom(text)
  if (symbol === undefined) return undefined
  const made = symbolTally(symbol, tally.symbols.length)
  tally.symbols.push(made)
  return made
}

function isSame(bytes: Uint8Array, start: number, { end, lastBytes }: { end: number; lastBytes: Uint8Array }): boolean {
  if (end - start !== lastBytes.length) return false
  for (let i = 0; i < lastBytes.length; i++) if (bytes[start + i] !== lastBytes[i]) return false
  return true
}
