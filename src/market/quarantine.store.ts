import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { Feed } from '#domain/bars.ts'
import { newYorkInstant } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import {
  type CheckedSessions,
  changesBy,
  type QuarantineEntry,
  type QuarantineState,
  quarantineId,
  type Recorded,
} from './quarantine.ts'
import { findingSentence } from './quarantine-words.ts'
import type { Finding } from './two-source-check.ts'

/** Who wrote what to an entry. */
export type QuarantineAudit = {
  readonly at: EpochMs
  readonly by: string
  readonly action: QuarantineState
  readonly note: string
}

const CHECK = 'two-source check'

const COLUMNS = `id, symbol, feed, other_feed, rule, to_char(first_day, 'YYYY-MM-DD') as first_day,
  to_char(last_day, 'YYYY-MM-DD') as last_day, evidence, state, found_at, changed_at`

type EntryRow = {
  readonly id: string
  readonly symbol: Symbol_
  readonly feed: Feed
  readonly other_feed: Feed
  readonly rule: QuarantineEntry['rule']
  readonly first_day: SessionDate
  readonly last_day: SessionDate
  readonly evidence: Pick<QuarantineEntry, 'sessions' | 'factor' | 'newPerOld' | 'days'>
  readonly state: QuarantineState
  readonly found_at: Date
  readonly changed_at: Date
}

function entryFrom(row: EntryRow): QuarantineEntry {
  const { other_feed, first_day, last_day, evidence, found_at, changed_at, ...rest } = row
  return {
    ...rest,
    ...evidence,
    otherFeed: other_feed,
    from: first_day,
    through: last_day,
    foundAt: epochMs(found_at.getTime()),
    changedAt: epochMs(changed_at.getTime()),
  }
}

/** What a check of one symbol found, and what it looked at. */
export type CheckedSymbol = {
  readonly symbol: Symbol_
  readonly feeds: readonly [Feed, Feed]
  readonly findings: readonly Finding[]
  readonly checked: CheckedSessions
}

/**
 * Brings the quarantine of a symbol to what a check of two feeds found: new findings are held back, known ones go on with
 * whatever was decided of them, and what is no longer found is withdrawn. The same again changes nothing. Closes say nothing of
 * a minute from which a feed came back before the close: that is left as it is.
 */
export function recordFindings(pool: Pool, { symbol, feeds, findings, checked }: CheckedSymbol, at: EpochMs): Promise<Recorded> {
  return inTransaction(pool, async (sql) => {
    // One check of a symbol at a time: two would each add what the other has just found.
    await sql.query(`select pg_advisory_xact_lock(hashtextextended('spreadworks quarantine ' || $1, 0))`, [symbol])
    const { rows } = await sql.query<EntryRow>(
      `select ${COLUMNS} from spreadworks.quarantine
       where symbol = $1 and feed = any($2) and other_feed = any($2) and state <> 'withdrawn'
       and rule <> 'minute-spike' order by first_day, id`,
      [symbol, feeds],
    )
    const { added, renewed, withdrawn } = changesBy(findings, rows.map(entryFrom), checked)
    for (const finding of added) await hold(sql, symbol, finding, at)
    for (const { entry, finding } of renewed) await renew(sql, entry, finding, at)
    for (const { id } of withdrawn) {
      await move(sql, id, { state: 'withdrawn', at })
      await addAudit(sql, id, { at, by: CHECK, action: 'withdrawn', note: 'The two feeds agree now.' })
    }
    return { held: added.length, renewed: renewed.length, withdrawn: withdrawn.length }
  })
}

function spanOf({ from, through }: Finding): [SessionDate, SessionDate, Date, Date] {
  const dayAfter = Temporal.PlainDate.from(through).add({ days: 1 }).toString() as SessionDate
  return [from, through, new Date(newYorkInstant(from, '00:00')), new Date(newYorkInstant(dayAfter, '00:00'))]
}

function evidenceOf({ sessions, factor, newPerOld, days }: Finding): string {
  return JSON.stringify({ sessions, factor, newPerOld, days })
}

async function hold(sql: Sql, symbol: Symbol_, finding: Finding, at: EpochMs): Promise<void> {
  const id = quarantineId(symbol, finding)
  // An entry that was withdrawn is the same again when the feeds have gone back to what they said.
  await sql.query(
    `insert into spreadworks.quarantine (id, symbol, feed, other_feed, rule, first_day, last_day, from_at, until_at, evidence, state, found_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'held', $11, $11)
     on conflict (id) do update set state = 'held', changed_at = $11`,
    [id, symbol, finding.feed, finding.otherFeed, finding.rule, ...spanOf(finding), evidenceOf(finding), new Date(at)],
  )
  await addAudit(sql, id, { at, by: CHECK, action: 'held', note: findingSentence(finding) })
}

async function renew(sql: Sql, { id }: QuarantineEntry, finding: Finding, at: EpochMs): Promise<void> {
  await sql.query(
    `update spreadworks.quarantine
     set rule = $2, first_day = $3, last_day = $4, from_at = $5, until_at = $6, evidence = $7, changed_at = $8
     where id = $1 and (rule, first_day, last_day, evidence) is distinct from ($2, $3::date, $4::date, $7::jsonb)`,
    [id, finding.rule, ...spanOf(finding), evidenceOf(finding), new Date(at)],
  )
}

async function move(
  sql: Sql,
  id: string,
  { state, at }: { readonly state: QuarantineState; readonly at: EpochMs },
): Promise<void> {
  await sql.query('update spreadworks.quarantine set state = $2, changed_at = $3 where id = $1', [id, state, new Date(at)])
}

/** Writes to an entry's audit, whose rows are never changed. */
export async function addAudit(sql: Sql, id: string, { at, by, action, note }: QuarantineAudit): Promise<void> {
  await sql.query('insert into spreadworks.quarantine_audit (entry_id, at, by, action, note) values ($1, $2, $3, $4, $5)', [
    id,
    new Date(at),
    by,
    action,
    note,
  ])
}

/**
 * Accepts the bars of an entry as right, or rejects them for good; what was decided before may be decided anew, and all of it
 * stays on record. Throws QUARANTINE_UNKNOWN, and QUARANTINE_WITHDRAWN for an entry whose feeds have come to agree.
 */
export function decideQuarantine(
  pool: Pool,
  id: string,
  { action, by, note, at }: QuarantineAudit & { readonly action: 'accepted' | 'rejected' },
): Promise<QuarantineEntry> {
  return inTransaction(pool, async (sql) => {
    const { rows } = await sql.query<EntryRow>(`select ${COLUMNS} from spreadworks.quarantine where id = $1 for update`, [id])
    const [row] = rows
    if (row === undefined) throw unknownEntry(id)
    if (row.state === 'withdrawn')
      throw wrongRequest(
        'QUARANTINE_WITHDRAWN',
        `Entry ${id} was withdrawn, since the two feeds agree now; there is nothing to decide.`,
      )
    if (row.state !== action) {
      await move(sql, id, { state: action, at })
      await addAudit(sql, id, { at, by, action, note })
    }
    return { ...entryFrom(row), state: action }
  })
}

export function unknownEntry(id: string): Error {
  return wrongRequest(
    'QUARANTINE_UNKNOWN',
    `There is no entry '${id}' in quarantine; spreadworks quarantine list shows those there are.`,
  )
}

/** Entries in one of `states`, those that wait for a decision first, then the last changed; at most `limit`. */
export async function quarantineEntries(
  sql: Sql,
  { states, limit }: { readonly states: readonly QuarantineState[]; readonly limit: number },
): Promise<QuarantineEntry[]> {
  const { rows } = await sql.query<EntryRow>(
    `select ${COLUMNS} from spreadworks.quarantine where state = any($1)
     order by (state = 'held') desc, changed_at desc, symbol collate "C", id limit $2`,
    [states, limit],
  )
  return rows.map(entryFrom)
}

/** One entry with its audit, oldest first, or undefined. */
export async function quarantineEntry(
  sql: Sql,
  id: string,
): Promise<{ readonly entry: QuarantineEntry; readonly audit: readonly QuarantineAudit[] } | undefined> {
  const { rows } = await sql.query<EntryRow>(`select ${COLUMNS} from spreadworks.quarantine where id = $1`, [id])
  const [row] = rows
  if (row === undefined) return undefined
  const { rows: audited } = await sql.query<Omit<QuarantineAudit, 'at'> & { readonly at: Date }>(
    'select at, by, action, note from spreadworks.quarantine_audit where entry_id = $1 order by id',
    [id],
  )
  return { entry: entryFrom(row), audit: audited.map(({ at, ...rest }) => ({ ...rest, at: epochMs(at.getTime()) })) }
}
