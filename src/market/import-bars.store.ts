import { basename, join } from 'node:path'
import type pg from 'pg'
import { ensureBarPartitions } from '#database/bar-partitions.store.ts'
import type { Database } from '#database/connection.client.ts'
import { connect } from '#database/session.client.ts'
import type { Timeframe } from '#domain/bars.ts'
import { Fault } from '#domain/fault.ts'
import type { BarBatch } from '#sources/files/bar-batch.ts'
import { readBarFile } from '#sources/files/bar-file-pool.worker.ts'
import type { Header } from '#sources/files/header.ts'
import type { Tally } from '#sources/files/tally.ts'
import {
  beginImport,
  finishedImport,
  type Import,
  importId,
  isStillStored,
  markMerging,
  refuseImport,
  rejectedRows,
  rejectsCsv,
  saveRejects,
} from './import-log.store.ts'
import { mergeStaged } from './import-merge.store.ts'
import { observationsOf } from './import-observations.ts'
import { hashOfFile, writeInPlace } from './import-paths.file.ts'
import type { ProgressTeller } from './import-progress.ts'
import type { ImportResult, ImportRules } from './import-report.ts'
import { copyIntoStaging, createStaging, dropStaging, lockImport, monthRuns, stagingOf } from './import-staging.store.ts'

/** What the files of one import share. `stillStored` remembers the answer for each timeframe. */
export type ImportRoom = {
  readonly database: Database
  readonly rules: ImportRules
  readonly teller: ProgressTeller
  readonly stillStored: Map<Timeframe, Promise<boolean>>
}

/** `onRead` is called when the file is read; merging waits for `toMerge`, so that files are stored in their order. */
export type Turn = { readonly onRead: () => void; readonly toMerge: Promise<void> }

type BarFile = { readonly path: string; readonly header: Header & { kind: 'bars' }; readonly timeframe: Timeframe }

const CANCELLED = 'IMPORT_CANCELLED'

export function isCancelled(failure: Fault): boolean {
  return failure.code === CANCELLED
}

/** Imports one file of bars: into a staging table, then, in one transaction, into `bars`. */
export async function importBars(room: ImportRoom, file: BarFile, turn: Turn): Promise<ImportResult> {
  const of = await importOf(room.rules, file)
  // Not of the pool: files that wait for each other must not keep those from connecting whom they wait for.
  const client = await connect(room.database.url)
  try {
    // Held while this connection lives: of two processes with the same file the second waits, then finds it imported.
    await lockImport(client, of.id)
    const done = await finishedImport(client, of.id)
    if (done && (await areStillStored(room, of))) {
      return { kind: 'already-imported', timeframe: of.timeframe, rows: done, ...(await rejectsOf(room, { of, client })) }
    }
    return await importLocked(room, { of, file, client }, turn)
  } finally {
    await client.end()
  }
}

type Locked = { readonly of: Import; readonly file: BarFile; readonly client: pg.ClientBase }

async function importLocked(room: ImportRoom, { of, file, client }: Locked, turn: Turn): Promise<ImportResult> {
  const { pool } = room.database
  const staging = stagingOf(of.id)
  await beginImport(client, of)
  await createStaging(client, staging)
  try {
    const { tally, rejected } = await stage(room, { of, client })
    turn.onRead()
    for (const { from, until } of monthRuns(tally.utcDays)) await ensureBarPartitions(pool, from, until)
    await markMerging(pool, of.id)
    await turn.toMerge
    const onMerged = (rows: number) => {
      refuseCancelled(room.rules)
      room.teller.onMerged(of.path, rows, tally.rows)
    }
    const rows = await mergeStaged(pool, { of, staging, tally, rejected, onMerged })
    return { kind: 'imported', ...describe(tally, file), rows, ...(await rejectsOf(room, { of, client })) }
  } catch (failure) {
    if (!(failure instanceof Fault)) throw failure
    await dropStaging(pool, staging)
    if (!isCancelled(failure)) await refuseImport(pool, of.id, failure.message)
    throw failure
  }
}

async function importOf({ feed, zone, isSessionOnly }: ImportRules, { path, timeframe }: BarFile): Promise<Import> {
  const contentHash = await hashOfFile(path)
  return { id: importId({ contentHash, feed, timeframe }, { zone, isSessionOnly }), path, contentHash, feed, timeframe }
}

function areStillStored({ database, rules, stillStored }: ImportRoom, { timeframe }: Import): Promise<boolean> {
  const known = stillStored.get(timeframe) ?? isStillStored(database, { feed: rules.feed, timeframe })
  stillStored.set(timeframe, known)
  return known
}

async function stage(room: ImportRoom, { of, client }: Omit<Locked, 'file'>): Promise<{ tally: Tally; rejected: number }> {
  const { zone, isSessionOnly } = room.rules
  const reading = readBarFile(of.path, { file: of.path, timeframe: of.timeframe, zone, isSessionOnly })
  let tally: Tally | undefined
  let rejected = 0
  let rows = 0
  const batches = async function* (): AsyncGenerator<BarBatch> {
    for (let next = await reading.next(); ; next = await reading.next()) {
      refuseCancelled(room.rules)
      if (next.done === true) {
        tally = next.value
        return
      }
      const { batch, bytesDone } = next.value
      await saveRejects(room.database.pool, of, batch.rejects)
      rejected += batch.rejects.length
      rows += batch.rows
      room.teller.onRead(of.path, bytesDone, rows)
      yield batch
    }
  }
  try {
    await copyIntoStaging(client, stagingOf(of.id), batches())
  } finally {
    await reading[Symbol.asyncDispose]()
  }
  if (!tally) throw new Error(`reading ${of.path} ended without a tally`)
  return { tally, rejected }
}

function describe(tally: Tally, { header, timeframe }: BarFile) {
  const seen = tally.symbols.filter(({ rows }) => rows > 0)
  const at = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : undefined)
  return {
    timeframe,
    symbols: seen.length,
    from: at(seen.reduce((first, { firstAt }) => Math.min(first, firstAt), Number.POSITIVE_INFINITY)),
    through: at(seen.reduce((last, { lastAt }) => Math.max(last, lastAt), Number.NEGATIVE_INFINITY)),
    unusedColumns: header.unused,
    observations: observationsOf(tally, timeframe),
  }
}

async function rejectsOf({ rules }: ImportRoom, { of, client }: Omit<Locked, 'file'>) {
  const rejected = await rejectedRows(client, of.id)
  if (rejected.length === 0 || rules.rejectsFolder === undefined) return { rejected, rejectsFile: undefined }
  const name = basename(of.path).replace(/\.csv(\.gz)?$/i, '')
  const rejectsFile = join(rules.rejectsFolder, `${name}-${of.id.slice(0, 8)}.rejects.csv`)
  await writeInPlace(rejectsFile, rejectsCsv(client, of.id))
  return { rejected, rejectsFile }
}

function refuseCancelled({ signal }: ImportRules): void {
  if (signal?.aborted !== true) return
  throw new Fault(
    CANCELLED,
    'The import was interrupted; files finished by then are stored, nothing of the others is: run it again to go on.',
  )
}
