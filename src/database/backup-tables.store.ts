import type { BackupManifest, RowSum } from './backup-manifest.ts'
import type { Sql } from './connection.client.ts'

/** A table that is copied. A partitioned table stands for its partitions. */
export type CopiedTable = { readonly schema: string; readonly table: string; readonly columns: readonly string[] }

/** So that a value is written the same on every server. */
export const SAME_TEXT = `set datestyle to 'ISO, YMD'; set intervalstyle to 'iso_8601'; set timezone to 'UTC'; set extra_float_digits to 1; set bytea_output to 'hex'`

/** Every table of `schemas`, each after those that it refers to. Columns that the database makes by itself are left out. */
export async function copiedTables(sql: Sql, schemas: readonly string[]): Promise<CopiedTable[]> {
  const { rows } = await sql.query<CopiedTable & { readonly oid: string }>(
    `select c.oid::text as oid, n.nspname as schema, c.relname as table,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
     order by n.nspname, c.relname`,
    [schemas],
  )
  const { rows: references } = await sql.query<{ readonly from: string; readonly to: string }>(
    `select distinct conrelid::text as from, confrelid::text as to from (
       select conrelid::oid, confrelid::oid from pg_constraint where contype = 'f' and conparentid = 0 and conrelid <> confrelid) as keys`,
  )
  return inOrder(rows, references).map(({ schema, table, columns }) => ({ schema, table, columns }))
}

/** Tables so that each comes after those it refers to; of those that refer to each other in a circle the first by name comes first. */
function inOrder<Table extends { readonly oid: string }>(
  tables: readonly Table[],
  references: readonly { readonly from: string; readonly to: string }[],
): Table[] {
  const ordered: Table[] = []
  const waiting = new Set(tables.map(({ oid }) => oid))
  while (waiting.size > 0) {
    const blocked = new Set(references.flatMap(({ from, to }) => (waiting.has(to) ? [from] : [])))
    const left = tables.filter(({ oid }) => waiting.has(oid))
    const free = left.filter(({ oid }) => !blocked.has(oid))
    for (const table of free.length > 0 ? free : left.slice(0, 1)) {
      ordered.push(table)
      waiting.delete(table.oid)
    }
  }
  return ordered
}

/** Every partition of a table of `schemas`, with its bound as the server writes it. */
export async function partitionsOf(sql: Sql, schemas: readonly string[]): Promise<BackupManifest['partitions']> {
  const { rows } = await sql.query<BackupManifest['partitions'][number]>(
    `select n.nspname as schema, parent.relname as table, c.relname as partition, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_class as c join pg_inherits as i on i.inhrelid = c.oid join pg_class as parent on parent.oid = i.inhparent
     join pg_namespace as n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relispartition and c.relkind = 'r' and not i.inhdetachpending order by 1, 2, 3`,
    [schemas],
  )
  return rows
}

/** Where every sequence of `schemas` that was used stands. */
export async function sequencesOf(sql: Sql, schemas: readonly string[]): Promise<BackupManifest['sequences']> {
  const { rows } = await sql.query<BackupManifest['sequences'][number]>(
    `select schemaname as schema, sequencename as sequence, last_value::text as value from pg_sequences
     where schemaname = any($1) and last_value is not null order by 1, 2`,
    [schemas],
  )
  return rows
}

/**
 * How many rows a table has, and the sum of their 64-bit hashes, which no order changes and a single other value does. The
 * session must write values as SAME_TEXT says.
 */
export async function rowSumOf(sql: Sql, { schema, table, columns }: CopiedTable): Promise<RowSum> {
  const { rows } = await sql.query<RowSum>(
    `select count(*)::float8 as rows, coalesce(sum(hashtextextended(row(${namesOf(columns)})::text, 0)), 0)::text as sum
     from ${quoted(schema)}.${quoted(table)}`,
  )
  return rows[0] ?? { rows: Number.NaN, sum: '' }
}

/** Column names as a statement takes them. */
export function namesOf(columns: readonly string[]): string {
  return columns.map(quoted).join(', ')
}

/** A name as a statement takes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
