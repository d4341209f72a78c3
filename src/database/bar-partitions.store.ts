import type { EpochMs } from '#domain/units.ts'
import type { Sql } from './connection.client.ts'
import { monthsBetween } from './months.ts'
import { ensurePartitions } from './partitions.store.ts'

/** Creates the monthly partitions of `bars` that are missing for openings in [from, until), as ensurePartitions does; returns how many. */
export function ensureBarPartitions(sql: Sql, from: EpochMs, until: EpochMs): Promise<number> {
  return ensurePartitions(sql, 'bars', monthsBetween(from, until))
}
