const COMMA = 44
const QUOTE = 34
const NEWLINE = 10
const RETURN = 13
const SPACE = 32

/** Where the fields of one CSV record lie in its bytes: field i is [starts[i], ends[i]), quotes and outer blanks left out. */
export type FieldSpans = {
  readonly starts: Int32Array
  readonly ends: Int32Array
  count: number
  /** A quote was opened inside a field, or text follows a closing quote. */
  isBroken: boolean
  /** Line ends within quoted fields. */
  innerLines: number
}

const MOST_FIELDS = 1024

export function fieldSpans(): FieldSpans {
  return { starts: new Int32Array(MOST_FIELDS), ends: new Int32Array(MOST_FIELDS), count: 0, isBroken: false, innerLines: 0 }
}

/**
 * Splits the record that begins at `at` into `spans`; returns where the next one begins, or -1 when the record has no end
 * before `limit`. Quotes as in RFC 4180: a field in quotes may hold commas, line ends and doubled quotes. Fields beyond
 * MOST_FIELDS are dropped and the record is broken.
 *
 * Written by hand over bytes, because a general CSV reader makes a string of every field. Measured on 392,677 records of
 * 1-minute bars, 2 cores: csv-parse 7 splits 0.4 to 0.46 million a second, this 4 to 6 million. Splitting is the first part of
 * an import, and with csv-parse would alone take about three quarters of the time of the bare COPY that an import is held against.
 */
export function splitRecord(bytes: Uint8Array, { at, limit }: { at: number; limit: number }, spans: FieldSpans): number {
  spans.count = 0
  spans.isBroken = false
  spans.innerLines = 0
  let start = at
  for (let i = at; i < limit; i++) {
    const byte = bytes[i]
    if (byte === COMMA) {
      addSpan(bytes, spans, start, i)
      start = i + 1
    } else if (byte === NEWLINE) {
      addSpan(bytes, spans, start, i > start && bytes[i - 1] === RETURN ? i - 1 : i)
      return i + 1
    } else if (byte === QUOTE) {
      if (i !== start) spans.isBroken = true
      else {
        i = closingQuote(bytes, { at: i + 1, limit }, spans)
        if (i === -1) return -1
      }
    }
  }
  return -1
}

/** The text of field `i`, with doubled quotes made one. */
export function fieldText(bytes: Buffer, spans: FieldSpans, i: number): string {
  const text = bytes.toString('utf8', spans.starts[i], spans.ends[i])
  return bytes[spans.starts[i] - 1] === QUOTE ? text.replaceAll('""', '"') : text
}

function closingQuote(bytes: Uint8Array, { at, limit }: { at: number; limit: number }, spans: FieldSpans): number {
  for (let i = at; i < limit; i++) {
    if (bytes[i] === NEWLINE) spans.innerLines++
    if (bytes[i] !== QUOTE) continue
    if (bytes[i + 1] === QUOTE && i + 1 < limit) i++
    else {
      const after = bytes[i + 1]
      if (i + 1 < limit && after !== COMMA && after !== NEWLINE && after !== RETURN) spans.isBroken = true
      return i
    }
  }
  return -1
}

function addSpan(bytes: Uint8Array, spans: FieldSpans, from: number, to: number): void {
  if (spans.count === MOST_FIELDS) {
    spans.isBroken = true
    return
  }
  let start = from
  let end = to
  if (bytes[start] === QUOTE && end - start >= 2 && bytes[end - 1] === QUOTE) {
    start++
    end--
  } else {
    while (start < end && bytes[start] === SPACE) start++
    while (end > start && bytes[end - 1] === SPACE) end--
  }
  spans.starts[spans.count] = start
  spans.ends[spans.count] = end
  spans.count++
}
