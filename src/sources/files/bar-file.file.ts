import { createReadStream, type ReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { Timeframe } from '#domain/bars.ts'
import { Fault, wrongRequest } from '#domain/fault.ts'
import type { BarBatch, BarFileOptions } from './bar-batch.ts'
import { barDecoder, type CsvRecord, textOf } from './bar-decoder.ts'
import { type Header, headerFrom } from './header.ts'
import { fieldsOf, recordReader } from './record-reader.ts'
import type { Tally } from './tally.ts'
import { timeframeInference } from './timeframe-inference.ts'

const CHUNK_BYTES = 1 << 18
const INSPECTED_ROWS = 10_000

/** What a file turned out to be, by its first line and its first 10,000 rows. */
export type InspectedFile =
  | { readonly header: Header & { kind: 'bars' }; readonly timeframe: Timeframe }
  | { readonly header: Header & { kind: 'symbols' } }

/** What is known while a file is read: bytes of it (as stored, packed or not) that are behind. */
export type ReadProgress = { readonly bytesDone: number }

/** One row of a symbols file. */
export type SymbolRow = { readonly symbol: string; readonly name: string; readonly sector: string; readonly line: number }

/**
 * Reads the start of `path`. The timeframe is inferred unless given. Throws the faults of headerFrom, recordReader and
 * timeframeInference, and IMPORT_FILE_EMPTY.
 */
export async function inspectFile(
  path: string,
  { timeframe, zone }: { timeframe: Timeframe | undefined; zone: string | undefined },
): Promise<InspectedFile> {
  const reading = headed(path)
  let inference: ReturnType<typeof timeframeInference> | undefined
  let rows = 0
  await eachRecord(path, {
    onRecord: (record) => {
      const { header, isFirst } = reading(record)
      if (header.kind === 'symbols') return
      inference ??= timeframeInference(path, header.at, zone)
      if (!isFirst) inference.see(record)
      rows++
    },
    isEnough: () => rows > INSPECTED_ROWS || reading.seen()?.kind === 'symbols',
  })
  const header = reading.required()
  if (header.kind === 'symbols') return { header }
  const found = timeframe ?? inference?.timeframe()
  if (found === undefined || inference === undefined) throw empty(path)
  inference.refuseNaive(found)
  return { header, timeframe: found }
}

/** Reads a file of bars batch by batch; what was seen in all of it is in the tally when the last batch has come. */
export async function readBars(
  path: string,
  { options, onBatch }: { options: BarFileOptions; onBatch: (batch: BarBatch, progress: ReadProgress) => Promise<void> },
): Promise<Tally> {
  const reading = headed(path)
  let decoder: ReturnType<typeof barDecoder> | undefined
  const full: BarBatch[] = []
  let bytesDone = 0
  await eachRecord(path, {
    onRecord: (record) => {
      const { header, isFirst } = reading(record)
      if (header.kind !== 'bars') return
      decoder ??= barDecoder(header, options)
      const batch = isFirst ? undefined : decoder.take(record)
      if (batch) full.push(batch)
    },
    onChunk: async (bytes) => {
      bytesDone = bytes
      for (const batch of full.splice(0)) await onBatch(batch, { bytesDone })
    },
  })
  if (!decoder) throw empty(path)
  for (const batch of [...full, decoder.rest()]) await onBatch(batch, { bytesDone })
  return decoder.tally
}

/** Reads a file of symbols whole. */
export async function readSymbols(path: string): Promise<SymbolRow[]> {
  const reading = headed(path)
  const rows: SymbolRow[] = []
  await eachRecord(path, {
    onRecord: (record) => {
      const { header, isFirst } = reading(record)
      if (isFirst || header.kind !== 'symbols') return
      const fields = fieldsOf(record)
      const [symbol = '', name = '', sector = ''] = [header.at.symbol, header.at.name, header.at.sector].map((i) => fields[i])
      rows.push({ symbol, name, sector, line: record.line })
    },
  })
  return rows
}

/** The text of the given lines (each a record's first) of `path`. */
export async function textsOfLines(path: string, lines: ReadonlySet<number>): Promise<Map<number, string>> {
  const texts = new Map<number, string>()
  await eachRecord(path, {
    onRecord: (record) => {
      if (lines.has(record.line)) texts.set(record.line, textOf(record))
    },
    isEnough: () => texts.size === lines.size,
  })
  return texts
}

type RecordVisit = {
  readonly onRecord: (record: CsvRecord) => void
  /** Asked after every chunk; the rest of the file is left unread. */
  readonly isEnough?: () => boolean
  readonly onChunk?: (bytesDone: number) => Promise<void>
}

async function eachRecord(path: string, { onRecord, isEnough, onChunk }: RecordVisit): Promise<void> {
  const reader = recordReader(path)
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  for await (const chunk of await unpacked(path, file)) {
    reader.push(chunk, onRecord)
    await onChunk?.(file.bytesRead)
    if (isEnough?.() === true) return
  }
  reader.end(onRecord)
}

/** The bytes of the text in `file`: unpacked when it begins like gzip, whatever its name. */
async function unpacked(path: string, file: ReadStream): Promise<AsyncIterable<Buffer>> {
  return (await isGzip(path)) ? gunzipped(path, file) : file
}

async function* gunzipped(path: string, file: ReadStream): AsyncGenerator<Buffer> {
  const unpacking = createGunzip({ chunkSize: CHUNK_BYTES })
  file.on('error', (failure) => unpacking.destroy(failure))
  try {
    for await (const chunk of file.pipe(unpacking)) yield chunk
  } catch (failure) {
    throw gzipBroken(path, failure)
  } finally {
    file.destroy()
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}

/** Reads the first record as the header and hands the same header on with every later one. */
function headed(path: string) {
  let header: Header | undefined
  const reading = (record: CsvRecord) => {
    const isFirst = header === undefined
    header ??= headerFrom(fieldsOf(record), path)
    return { header, isFirst }
  }
  const required = (): Header => {
    if (!header) throw empty(path)
    return header
  }
  return Object.assign(reading, { required, seen: () => header })
}

/** Bytes of `path` on disk. */
export async function bytesOf(path: string): Promise<number> {
  return (await stat(path)).size
}

function empty(path: string): Error {
  return wrongRequest('IMPORT_FILE_EMPTY', `${path} is empty; expected a first line with the columns' names and rows below it.`)
}

function gzipBroken(path: string, failure: unknown): unknown {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  if (code === 'Z_BUF_ERROR') {
    return new Fault(
      'IMPORT_GZIP_TRUNCATED',
      `${path} ends in the middle of its gzip data, so part of it is missing; nothing of it was stored: fetch the file again.`,
      { exitCode: 2, cause: failure },
    )
  }
  if (typeof code !== 'string' || !code.startsWith('Z_')) return failure
  return new Fault('IMPORT_GZIP_BROKEN', `${path} is not intact gzip data; nothing of it was stored: fetch the file again.`, {
    exitCode: 2,
    cause: failure,
  })
}
