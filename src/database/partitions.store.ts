import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Sql } from './connection.client.ts'

/** A part of a table that is partitioned by time: what lies in [from, until). */
export type Partition = { readonly partition: string; readonly from: EpochMs; readonly until: EpochMs }

/**
 * Creates those of `partitions` that `table` lacks; returns how many. Any number of processes may ask at once. A partition is
 * attached without stopping those who read or write others. Call it outside a long transaction: what it creates stays locked
 * until the transaction ends.
 */
export async function ensurePartitions(sql: Sql, table: 'bars' | 'flow_logs', partitions: readonly Partition[]): Promise<number> {
  const missing = await missingOf(sql, partitions)
  if (missing.length > 0) await sql.query(creationOf(table, missing))
  return missing.length
}

async function missingOf(sql: Sql, partitions: readonly Partition[]): Promise<Partition[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where to_regclass('spreadworks.' || name) is null`,
    [partitions.map(({ partition }) => partition)],
  )
  const names = new Set(rows.map((row) => row.name))
  return partitions.filter(({ partition }) => names.has(partition))
}

/** One statement, so that the lock is held until all of it is stored. Who waited for the lock finds nothing left to create. */
function creationOf(table: string, partitions: readonly Partition[]): string {
  return `do $$ begin
    perform pg_advisory_xact_lock(hashtext('spreadworks.${table} partitions'));
    ${partitions.map((partition) => createOne(table, partition)).join('\n')}
  end $$`
}

function createOne(table: string, { partition, from, until }: Partition): string {
  // A session that waited for the lock may still hold the name as absent, so that creating it is what tells.
  return `begin
    create table spreadworks.${partition} (like spreadworks.${table} including all);
    alter table spreadworks.${table} attach partition spreadworks.${partition}
      for values from ('${isoFrom(from)}') to ('${isoFrom(until)}');
  exception when duplicate_table then null;
  end;`
}
