import { createHash } from 'node:crypto'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Database, Sql } from '#database/connection.client.ts'
import type { Feed, Timeframe } from '#domain/bars.ts'
import { REJECT_REASONS, type RejectedRow, type RejectReason } from '#sources/files/reject-reason.ts'
import type { RejectedRows, RowCounts } from './import-report.ts'

/** One file of bars under one set of options. The same bytes and options are the same import, wherever the file lies. */
export type Import = {
  readonly id: string
  readonly path: string
  readonly contentHash: string
  readonly feed: Feed
  readonly timeframe: Timeframe
}

const EXAMPLES = 3

/** The import's id, derived from what decides its result. */
export function importId(
  of: Omit<Import, 'id' | 'path'>,
  options: { readonly zone: string | undefined; readonly isSessionOnly: boolean },
): string {
  const parts = [of.contentHash, of.feed, of.timeframe, options.zone ?? '', String(options.isSessionOnly)]
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)
}

/** Notes that an import begins; whatever an earlier, unfinished attempt noted is forgotten. */
export async function beginImport(sql: Sql, { id, path, contentHash, feed, timeframe }: Import): Promise<void> {
  await sql.query('delete from spreadworks.import_rejects where import_id = $1', [id])
  await sql.query(
    `insert into spreadworks.imports (id, path, content_hash, feed, timeframe, state) values ($1, $2, $3, $4, $5, 'staging')
     on conflict (id) do update set path = excluded.path, state = 'staging', refusal = null, started_at = now(), ended_at = null`,
    [id, path, contentHash, feed, timeframe],
  )
}

export async function markMerging(sql: Sql, id: string): Promise<void> {
  await sql.query(`update spreadworks.imports set state = 'merging' where id = $1`, [id])
}

/** Closes the import with its counts. rows_new keeps the most ever stored, so that rows deleted since are noticed. */
export async function endImport(sql: Sql, id: string, rows: RowCounts): Promise<void> {
  await sql.query(
    `update spreadworks.imports
     set state = 'done', ended_at = clock_timestamp(), rows_read = $2, rows_new = greatest(rows_new, $3), rows_same = $4, rows_rejected = $5
     where id = $1`,
    [id, rows.read, rows.new, rows.alreadyStored + rows.repeated, rows.rejected],
  )
}

export async function refuseImport(sql: Sql, id: string, sentence: string): Promise<void> {
  await sql.query(
    `update spreadworks.imports set state = 'refused', refusal = $2, rows_new = 0, ended_at = clock_timestamp() where id = $1`,
    [id, sentence],
  )
}

/** The counts of this import if it is done, as a repetition would find them: nothing new. */
export async function finishedImport(sql: Sql, id: string): Promise<RowCounts | undefined> {
  const { rows } = await sql.query<{ read: string; rejected: string }>(
    `select rows_read as read, rows_rejected as rejected from spreadworks.imports where id = $1 and state = 'done'`,
    [id],
  )
  const [done] = rows
  if (!done) return undefined
  const [read, rejected] = [Number(done.read), Number(done.rejected)]
  return { read, new: 0, alreadyStored: read - rejected, repeated: 0, rejected }
}

/** Whether the feed still holds as many bars as imports have put there: false when some were deleted since. */
export async function isStillStored(
  { pool }: Database,
  { feed, timeframe }: { feed: Feed; timeframe: Timeframe },
): Promise<boolean> {
  const { rows } = await pool.query<{ is: boolean }>(
    `select (select count(*) from spreadworks.bars where feed = $1 and timeframe = $2) >=
            (select coalesce(sum(rows_new), 0) from spreadworks.imports where feed = $1 and timeframe = $2 and state = 'done') as is`,
    [feed, timeframe],
  )
  return rows[0]?.is === true
}

/** Keeps rejected rows with their line and text, one statement for all of them. */
export async function saveRejects(sql: Sql, of: Import, rejects: readonly RejectedRow[]): Promise<void> {
  if (rejects.length === 0) return
  await sql.query(
    `insert into spreadworks.import_rejects (import_id, file, line, reason, text)
     select $1, $2, line, reason, text from unnest($3::bigint[], $4::text[], $5::text[]) as t (line, reason, text)
     on conflict do nothing`,
    [
      of.id,
      of.path,
      rejects.map((r) => r.line),
      rejects.map((r) => r.reason),
      rejects.map((r) => r.text.replaceAll('\0', '\uFFFD')),
    ],
  )
}

/** The rejects of an import by reason, most frequent first, each with its first three examples. */
export async function rejectedRows(sql: Sql, id: string): Promise<RejectedRows[]> {
  const { rows } = await sql.query<{ reason: RejectReason; rows: number; examples: { line: number; text: string }[] }>(
    `select reason, count(*)::int as rows,
            json_agg(json_build_object('line', line, 'text', text) order by line) filter (where place <= ${EXAMPLES}) as examples
     from (select reason, line, text, row_number() over (partition by reason order by line) as place
           from spreadworks.import_rejects where import_id = $1) as numbered
     group by reason order by count(*) desc, reason`,
    [id],
  )
  return rows.map((row) => ({ ...row, meaning: REJECT_REASONS[row.reason] }))
}

/** The rejects of an import as the bytes of a CSV file: file, line, reason, text; by line. */
export function rejectsCsv(client: pg.ClientBase, id: string): AsyncIterable<Buffer> {
  const rows = `select file, line, reason, text from spreadworks.import_rejects where import_id = '${id}' order by line, reason`
  return client.query(copyTo(`copy (${rows}) to stdout with (format csv, header)`))
}
