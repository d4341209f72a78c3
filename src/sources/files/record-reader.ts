import { wrongRequest } from '#domain/fault.ts'
import type { CsvRecord } from './bar-decoder.ts'
import { fieldSpans, fieldText, splitRecord } from './csv-record.ts'

const NEWLINE = 10
const RETURN = 13
const LONGEST_RECORD = 1 << 20

/** Cuts the bytes of a CSV file, handed over in chunks, into records. */
export type RecordReader = {
  /** Calls `onRecord` for every record that is complete by now; the record is overwritten by the next. */
  readonly push: (chunk: Buffer, onRecord: (record: CsvRecord) => void) => void
  /** The last record may lack its line end. */
  readonly end: (onRecord: (record: CsvRecord) => void) => void
}

/**
 * A reader of `file` (its name in messages). Blank lines are no records, a byte order mark is skipped. Throws
 * IMPORT_NOT_UTF8 with the byte at which the text stops being UTF-8, IMPORT_ROW_TOO_LONG for a record beyond 1 MiB.
 */
export function recordReader(file: string): RecordReader {
  const spans = fieldSpans()
  const record: { -readonly [Key in keyof CsvRecord]: CsvRecord[Key] } = {
    bytes: Buffer.alloc(0),
    start: 0,
    end: 0,
    spans,
    line: 1,
  }
  let kept: Buffer = Buffer.alloc(0)
  let offset = 0
  let line = 1

  const read = (bytes: Buffer, limit: number, onRecord: (record: CsvRecord) => void): number => {
    record.bytes = bytes
    let at = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
    while (at < limit) {
      const next = splitRecord(bytes, { at, limit }, spans)
      if (next === -1) return at
      record.start = at
      record.end = next
      record.line = line
      line += 1 + spans.innerLines
      if (!isBlank(bytes, at, next)) onRecord(record)
      at = next
    }
    return at
  }

  const push = (chunk: Buffer, onRecord: (record: CsvRecord) => void): void => {
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    const limit = bytes.lastIndexOf(NEWLINE) + 1
    if (!isUtf8(bytes.subarray(0, limit))) throw notUtf8(file, bytes.subarray(0, limit), { offset, line })
    const done = read(bytes, limit, onRecord)
    offset += done
    kept = bytes.subarray(done)
    if (kept.length > LONGEST_RECORD) throw tooLong(file, line)
  }

  const end = (onRecord: (record: CsvRecord) => void): void => {
    if (kept.length === 0) return
    push(Buffer.of(NEWLINE), onRecord)
    if (kept.length > 0) throw quoteOpen(file, line)
  }

  return { push, end }
}

/** The fields of `record` as text. */
export function fieldsOf({ bytes, spans }: CsvRecord): string[] {
  return Array.from({ length: spans.count }, (_, i) => fieldText(bytes, spans, i))
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function isUtf8(bytes: Buffer): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 1 || (end - start === 2 && bytes[start] === RETURN)
}

function notUtf8(file: string, bytes: Buffer, { offset, line }: { offset: number; line: number }): Error {
  let start = 0
  let at = line
  for (let next = bytes.indexOf(NEWLINE) + 1; isUtf8(bytes.subarray(start, next)); next = bytes.indexOf(NEWLINE, start) + 1) {
    start = next
    at++
  }
  let valid = start
  for (let i = start + 1; i <= bytes.length && i - start <= LONGEST_RECORD && i - valid <= 4; i++) {
    if (isUtf8(bytes.subarray(start, i))) valid = i
  }
  return wrongRequest(
    'IMPORT_NOT_UTF8',
    `${file} is not UTF-8: byte ${offset + valid} of its text (line ${at}) is 0x${bytes[valid].toString(16).padStart(2, '0')}; save it as UTF-8 and import it again.`,
  )
}

function tooLong(file: string, line: number): Error {
  return wrongRequest(
    'IMPORT_ROW_TOO_LONG',
    `${file} has a row of more than 1 MiB that begins on line ${line}; a quote may be open there, or the file is not CSV: correct it and import it again.`,
  )
}

function quoteOpen(file: string, line: number): Error {
  return wrongRequest(
    'IMPORT_QUOTE_OPEN',
    `${file} ends within the quotes of a field of the row on line ${line}; close them and import it again.`,
  )
}
