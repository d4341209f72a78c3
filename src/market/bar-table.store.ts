import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { ensureBarPartitions } from '#database/bar-partitions.store.ts'
import type { BarTable } from '#domain/bars.ts'
import { epochMs } from '#domain/units.ts'
import { copyTable, STORED_COLUMNS, type StoredAs } from './copy-binary.ts'
import { COPY_HEAD, COPY_TAIL } from './copy-tuples.ts'

const UNIQUE_VIOLATION = '23505'
const VALUES = ['open', 'high', 'low', 'close', 'volume']

export type SaveTerms = StoredAs & {
  /**
   * What becomes of a bar that is stored with other values. `keep`: it stays, as a stream's first word of a minute must not
   * undo a correction that came before it. `replace`: it gives way, unless it became known later than these, and is kept as a
   * revision.
   */
  readonly stored: 'keep' | 'replace'
  /** Whether many of the bars are stored already: then they are compared at once instead of when the plain way failed. */
  readonly overlap: 'unlikely' | 'likely'
}

/** How many bars came in and how many stored ones gave way. */
export type Saved = { readonly new: number; readonly revised: number }

/**
 * Writes a table of bars in one transaction; the same bars again change nothing. Bars of one key within the table: the last
 * counts. Bars must keep the rules of the table's checks, or nothing is written and it throws.
 * New bars go straight into `bars` by COPY; what is stored already is found by the key, and compared beside it then.
 */
export async function saveBarTable(pool: pg.Pool, table: BarTable, terms: SaveTerms): Promise<Saved> {
  if (table.openedAt.length === 0) return { new: 0, revised: 0 }
  const [first, last] = spanOf(table.openedAt)
  await ensureBarPartitions(pool, epochMs(first), epochMs(last + 1))
  const client = await pool.connect()
  try {
    const rows = copyTable(table, terms)
    const copied = terms.overlap === 'unlikely' ? await copiedAll(client, rows) : undefined
    return copied === undefined ? await merged(client, rows, terms) : { new: copied, revised: 0 }
  } finally {
    client.release()
  }
}

function spanOf(openedAt: Float64Array): [number, number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const at of openedAt) {
    if (at < first) first = at
    if (at > last) last = at
  }
  return [first, last]
}

/** How many rows went in, or undefined when one of them is stored already. */
async function copiedAll(client: pg.PoolClient, rows: Buffer): Promise<number | undefined> {
  try {
    return await copyInto(client, 'spreadworks.bars', rows)
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === UNIQUE_VIOLATION) return undefined
    throw failure
  }
}

async function copyInto(client: pg.PoolClient, target: string, rows: Buffer): Promise<number> {
  const copy = client.query(copyFrom(`copy ${target} (${STORED_COLUMNS}) from stdin with (format binary)`))
  await pipeline(Readable.from([COPY_HEAD, rows, COPY_TAIL], { objectMode: false }), copy)
  return copy.rowCount
}

async function merged(client: pg.PoolClient, rows: Buffer, { stored }: SaveTerms): Promise<Saved> {
  try {
    await client.query('begin')
    // The bars' columns without their partitions, keys and counts; the place tells which of two bars of one key came last.
    await client.query(
      `create temporary table if not exists arrived (like spreadworks.bars including defaults, place bigint generated always as identity)
       on commit delete rows`,
    )
    await copyInto(client, 'arrived', rows)
    const { rows: counts } = await client.query<{ written: number; revised: number }>(stored === 'keep' ? ADD : REPLACE)
    await client.query('commit')
    const [{ written, revised }] = counts
    return { new: written - revised, revised }
  } catch (failure) {
    await client.query('rollback')
    throw failure
  }
}

const list = (alias: string) => VALUES.map((column) => `${alias}.${column}`).join(', ')
const DIFFERS = `(${list('b')}) is distinct from (${list('g')})`
const KEY = 'symbol, timeframe, opened_at, feed'
const GIVEN = `given as (
  select distinct on (${KEY}) ${STORED_COLUMNS} from arrived order by ${KEY}, place desc
)`

const ADD = `
with ${GIVEN}, written as (
  insert into spreadworks.bars (${STORED_COLUMNS}) select ${STORED_COLUMNS} from given on conflict (${KEY}) do nothing returning 1
)
select (select count(*)::int from written) as written, 0 as revised`

const REPLACE = `
with ${GIVEN}, superseded as (
  insert into spreadworks.bar_revisions (${KEY}, ${VALUES.join(', ')}, received_at)
  select b.symbol, b.timeframe, b.opened_at, b.feed, ${list('b')}, b.received_at
  from spreadworks.bars as b join given as g using (${KEY})
  where ${DIFFERS} and b.received_at <= g.received_at
  returning 1
), written as (
  insert into spreadworks.bars as b (${STORED_COLUMNS}) select ${STORED_COLUMNS} from given
  on conflict (${KEY}) do update
    set ${[...VALUES, 'vwap', 'trades', 'received_at'].map((column) => `${column} = excluded.${column}`).join(', ')}
    where (${list('b')}) is distinct from (${list('excluded')}) and b.received_at <= excluded.received_at
  returning 1
)
select (select count(*)::int from written) as written, (select count(*)::int from superseded) as revised`
