import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { Sql } from './connection.client.ts'
import { type Month, monthsBetween } from './months.ts'

/**
 * Creates the monthly partitions of `bars` that are missing for openings in [from, until); returns how many.
 * Any number of processes may ask at once. A partition is attached without stopping those who read or write others.
 * Call it outside a long transaction: what it creates stays locked until the transaction ends.
 */
export async function ensureBarPartitions(sql: Sql, from: EpochMs, until: EpochMs): Promise<number> {
  const months = monthsBetween(from, until)
  const missing = await missingOf(sql, months)
  if (missing.length > 0) await sql.query(creationOf(missing))
  return missing.length
}

async function missingOf(sql: Sql, months: readonly Month[]): Promise<Month[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where to_regclass('spreadworks.' || name) is null`,
    [months.map((month) => month.partition)],
  )
  const names = new Set(rows.map((row) => row.name))
  return months.filter((month) => names.has(month.partition))
}

/** One statement, so that the lock is held until all of it is stored. Who waited for the lock finds nothing left to create. */
function creationOf(months: readonly Month[]): string {
  return `do $$ begin
    perform pg_advisory_xact_lock(hashtext('spreadworks.bars partitions'));
    ${months.map(createOne).join('\n')}
  end $$`
}

function createOne({ partition, from, until }: Month): string {
  // A session that waited for the lock may still hold the name as absent, so that creating it is what tells.
  return `begin
    create table spreadworks.${partition} (like spreadworks.bars including all);
    alter table spreadworks.bars attach partition spreadworks.${partition}
      for values from ('${isoFrom(from)}') to ('${isoFrom(until)}');
  exception when duplicate_table then null;
  end;`
}
