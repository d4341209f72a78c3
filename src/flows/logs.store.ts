import type { Pool } from 'pg'
import { ensurePartitions } from '#database/partitions.store.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { logDaysBetween } from './log-days.ts'

/** Partitions are made for so many days ahead of the one that was missing. */
const DAYS_AHEAD = 7
/** PostgreSQL's code for a row that fits no partition. */
const NO_PARTITION = '23514'

export type LogLevel = 'info' | 'warn' | 'error'

/** What happened in a step of a run, in words for a person, with its figures beside it. */
export type LogLine = {
  readonly runId: string
  readonly step: string
  readonly level: LogLevel
  readonly message: string
  readonly fields?: object
}

/** Keeps a line of a run's log. */
export async function saveLog(sql: Pool, { runId, step, level, message, fields = {} }: LogLine): Promise<void> {
  const insert = () =>
    sql.query(`insert into spreadworks.flow_logs (flow_id, step, level, message, fields) values ($1, $2, $3, $4, $5)`, [
      ...[runId, step, level, message],
      JSON.stringify(fields),
    ])
  try {
    await insert()
  } catch (cause) {
    // The first line of a day for which nobody has made room.
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== NO_PARTITION) throw cause
    await makeRoomForLogs(sql, await nowOf(sql))
    await insert()
  }
}

/** Makes room for the lines of `now` and of the days after it; again it changes nothing. Returns how many days were new. */
export function makeRoomForLogs(sql: Pool, now: EpochMs): Promise<number> {
  return ensurePartitions(sql, 'flow_logs', logDaysBetween(now, epochMs(now + DAYS_AHEAD * DAY_MS)))
}

/** The server's clock, by which lines are dated. */
async function nowOf(sql: Pool): Promise<EpochMs> {
  const { rows } = await sql.query<{ now: number }>(`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`)
  return epochMs(rows[0]?.now ?? Number.NaN)
}
