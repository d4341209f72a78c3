import type pg from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import { adjustmentOf } from '#domain/bars.ts'
import { wrongRequest } from '#domain/fault.ts'
import { textsOfLines } from '#sources/files/bar-file.file.ts'
import type { RejectReason } from '#sources/files/reject-reason.ts'
import type { SymbolTally, Tally } from '#sources/files/tally.ts'
import { endImport, type Import, saveRejects } from './import-log.store.ts'
import type { RowCounts } from './import-report.ts'
import { dropStaging } from './import-staging.store.ts'

/** A file is refused when more than this fraction of the rows that it shares with the feed has other values. */
const MOST_DISAGREEING = 0.01
const UNIQUE_VIOLATION = '23505'
const MOST_ATTEMPTS = 5
const LINES_AT_ONCE = 50_000
/** Of 8 KiB each: how much of the staging table one statement inserts, about a third of a million rows. */
const PAGES_AT_ONCE = 4096

const SAME_VALUES = '(b.open, b.high, b.low, b.close, b.volume) = (s.open, s.high, s.low, s.close, s.volume)'

/** What is to be merged: the staged rows of one import. `rejected` rows never got there. */
export type StagedImport = {
  readonly of: Import
  readonly staging: string
  readonly tally: Tally
  readonly rejected: number
  readonly onMerged: (rows: number) => void
}

/**
 * Moves the staged rows into `bars` and closes the import, all in one transaction: whoever looks sees nothing of the file or
 * all of it. Throws IMPORT_DISAGREES when the file and the feed tell different things. Imports into one feed and timeframe
 * merge one after another.
 */
export async function mergeStaged(pool: pg.Pool, staged: StagedImport): Promise<RowCounts> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(pool, (sql) => merge(sql, staged))
    } catch (failure) {
      // A stream stored the same bar meanwhile; the next attempt sees it as overlap.
      if (!isUniqueViolation(failure) || attempt === MOST_ATTEMPTS) throw failure
    }
  }
}

async function merge(sql: Sql, staged: StagedImport): Promise<RowCounts> {
  const { of, tally, staging } = staged
  // So that the server gives up at once when this process is killed; on Windows it cannot notice.
  await sql.query(
    `select set_config('client_connection_check_interval', '1s', true) where version() !~* 'windows|mingw|visual c'`,
  )
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`import ${of.feed} ${of.timeframe}`])
  const repeated = tally.isAscending ? NO_DUPLICATES : await removeRepeated(sql, staged)
  const overlap = await overlapWithStored(sql, staged)
  const inserted = await insertRows(sql, staged, overlap !== undefined)
  const rejected = staged.rejected + repeated.differing + (overlap?.differing ?? 0)
  const rows = {
    read: tally.rows + staged.rejected,
    new: inserted,
    alreadyStored: overlap === undefined ? 0 : overlap.rows - overlap.differing,
    repeated: repeated.rows - repeated.differing,
    rejected,
  }
  await endImport(sql, of.id, rows)
  await dropStaging(sql, staging)
  return rows
}

type Duplicates = { readonly rows: number; readonly differing: number }
const NO_DUPLICATES: Duplicates = { rows: 0, differing: 0 }

/** Takes rows out of the staging table whose key an earlier line has; those with other values are kept as rejects. */
async function removeRepeated(sql: Sql, staged: StagedImport): Promise<Duplicates> {
  await sql.query(
    `create temporary table repeated on commit drop as
     select line, row(open, high, low, close, volume) is distinct from
                  row(first_open, first_high, first_low, first_close, first_volume) as differs
     from (select line, open, high, low, close, volume, row_number() over key as place,
                  first_value(open) over key as first_open, first_value(high) over key as first_high,
                  first_value(low) over key as first_low, first_value(close) over key as first_close,
                  first_value(volume) over key as first_volume
           from ${staged.staging} window key as (partition by symbol, opened_at order by line)) as ranked
     where place > 1`,
  )
  await sql.query(`delete from ${staged.staging} as s using repeated where s.line = repeated.line`)
  return await rejectDiffering(sql, staged, { table: 'repeated', reason: 'duplicate-differs' })
}

/**
 * Notes in the temporary table `overlap` which staged rows the feed already holds; undefined when it holds none. Those with
 * other values are kept as rejects, or, when they are too many, the file is refused.
 */
async function overlapWithStored(sql: Sql, staged: StagedImport): Promise<Duplicates | undefined> {
  const symbols = await symbolsStoredWithin(sql, staged)
  if (symbols.length === 0) return undefined
  await sql.query(`analyze ${staged.staging}`)
  const [from, through] = spanOf(staged.tally.symbols)
  await sql.query(
    `create temporary table overlap on commit drop as
     select s.line, not ${SAME_VALUES} as differs
     from ${staged.staging} as s join spreadworks.bars as b on b.symbol = s.symbol and b.opened_at = s.opened_at
     where s.symbol = any(array[${symbols.map(literal).join(',')}]) and b.timeframe = '${staged.of.timeframe}'
       and b.feed = ${literal(staged.of.feed)}
       and b.opened_at between '${from}' and '${through}'`,
  )
  const counts = await countsOf(sql, 'overlap')
  if (counts.differing > MOST_DISAGREEING * counts.rows) throw await disagrees(sql, staged, counts)
  return await rejectDiffering(sql, staged, { table: 'overlap', reason: 'stored-differs' })
}

/** Symbols of the file of which the feed holds a bar between the file's first and last. */
async function symbolsStoredWithin(sql: Sql, { of, tally }: StagedImport): Promise<string[]> {
  const seen = tally.symbols.filter(({ rows }) => rows > 0)
  const { rows } = await sql.query<{ symbol: string }>(
    `select symbol from unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) as f (symbol, first, last)
     where exists (select from spreadworks.bars as b where b.symbol = f.symbol and b.timeframe = $1
                   and b.opened_at between f.first and f.last and b.feed = $2)`,
    [of.timeframe, of.feed, seen.map((s) => s.symbol), seen.map((s) => new Date(s.firstAt)), seen.map((s) => new Date(s.lastAt))],
  )
  return rows.map((row) => row.symbol)
}

function spanOf(symbols: readonly SymbolTally[]): [string, string] {
  const seen = symbols.filter(({ rows }) => rows > 0)
  const first = seen.reduce((earliest, { firstAt }) => Math.min(earliest, firstAt), Number.POSITIVE_INFINITY)
  const last = seen.reduce((latest, { lastAt }) => Math.max(latest, lastAt), Number.NEGATIVE_INFINITY)
  return [new Date(first).toISOString(), new Date(last).toISOString()]
}

async function countsOf(sql: Sql, table: 'repeated' | 'overlap'): Promise<Duplicates> {
  const { rows } = await sql.query<{ rows: string; differing: string }>(
    `select count(*) as rows, count(*) filter (where differs) as differing from ${table}`,
  )
  return { rows: Number(rows[0]?.rows), differing: Number(rows[0]?.differing) }
}

/** Keeps the differing rows of `table` with the text that the file has for them. Reads the file again, in the rare case that there are any. */
async function rejectDiffering(
  sql: Sql,
  { of }: StagedImport,
  { table, reason }: { table: 'repeated' | 'overlap'; reason: RejectReason },
): Promise<Duplicates> {
  const counts = await countsOf(sql, table)
  let after = -1
  for (let left = counts.differing; left > 0; left -= LINES_AT_ONCE) {
    const { rows } = await sql.query<{ line: string }>(
      `select line from ${table} where differs and line > $1 order by line limit ${LINES_AT_ONCE}`,
      [after],
    )
    const lines = rows.map((row) => Number(row.line))
    const texts = await textsOfLines(of.path, new Set(lines))
    await saveRejects(
      sql,
      of,
      lines.map((line) => ({ line, reason, text: texts.get(line) ?? '' })),
    )
    after = lines.at(-1) ?? after
  }
  return counts
}

/**
 * Inserts piece by piece, so that progress can be told. A file sorted by the key is inserted as it lies; nothing checks for
 * conflicts, since rows that the feed holds are left out and a race shows as a unique violation.
 */
async function insertRows(sql: Sql, { of, staging, tally, onMerged }: StagedImport, hasOverlap: boolean): Promise<number> {
  const { rows } = await sql.query<{ pages: number }>(`select (pg_relation_size($1::regclass) / 8192)::int as pages`, [staging])
  const pages = rows[0]?.pages ?? 0
  let inserted = 0
  for (let page = 0; page < pages; page += PAGES_AT_ONCE) {
    const { rowCount } = await sql.query(
      `insert into spreadworks.bars (symbol, timeframe, opened_at, feed, open, high, low, close, volume, vwap, trades, adjustment)
       select symbol, '${of.timeframe}', opened_at, ${literal(of.feed)}, open, high, low, close, volume, vwap, trades, '${adjustmentOf(of.feed)}'
       from ${staging} as s
       where s.ctid >= '(${page},0)' and s.ctid < '(${page + PAGES_AT_ONCE},0)'
       ${hasOverlap ? 'and not exists (select from overlap where overlap.line = s.line)' : ''}
       ${tally.isSorted && tally.isAscending ? '' : 'order by symbol collate "C", opened_at'}`,
    )
    inserted += rowCount ?? 0
    onMerged(inserted)
  }
  return inserted
}

async function disagrees(sql: Sql, { of }: StagedImport, { rows, differing }: Duplicates): Promise<Error> {
  const { rows: lines } = await sql.query<{ line: string }>('select line from overlap where differs order by line limit 1')
  const first = Number(lines[0]?.line)
  const texts = await textsOfLines(of.path, new Set([first]))
  const percent = ((100 * differing) / rows).toFixed(1)
  return wrongRequest(
    'IMPORT_DISAGREES',
    `${of.path} disagrees with the ${of.timeframe} bars stored under feed \`${of.feed}\`: ${differing} of ${rows} rows that both have (${percent} %, at most 1 % is taken) have other values, first on line ${first} (\`${texts.get(first)}\`); nothing of it was stored: import it under a feed of its own with --feed NAME.`,
  )
}

/** A text as SQL writes it; statements here have no parameters where a plan for the very values is wanted. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function isUniqueViolation(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === UNIQUE_VIOLATION
}
