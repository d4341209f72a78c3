/** How late scheduled runs begin while a million old log lines go away and new ones are written. */
import type pg from 'pg'
import type { Database } from '#database/connection.client.ts'
import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'
import { dropLogDays } from '#flows/retention.store.ts'
import { passing } from '#sources/alpaca/timer.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'
import { onOwnServer } from './own-server.ts'
import { fillLogs, lagsUnderPruning } from './pruned-logs.ts'
import type { Bench, BenchResult } from './result.ts'

const OLD_LINES = 1_000_000
const OLD_DAYS = 20
const OCCURRENCES = 60

export const bench: Bench = { id: 'scheduler-lag', run: async () => [await onOwnServer(lagUnderPruning)] }

async function lagUnderPruning(database: Database): Promise<BenchResult> {
  const { pool } = database
  const now = WALL_TIMER.now()
  await fillLogs(pool, [epochMs(now - (OLD_DAYS + 1) * DAY_MS), epochMs(now - 2 * DAY_MS)], OLD_LINES)
  const lags = await lagsUnderPruning(database, { occurrences: OCCURRENCES, prune: () => pruneDayByDay(pool, now) })
  const [{ left } = { left: Number.NaN }] = (
    await pool.query<{ left: number }>(`select count(*)::int as left from spreadworks.flow_logs where message = 'old'`)
  ).rows
  if (left > 0) throw new Error(`${left} of ${OLD_LINES} old lines were not pruned`)
  const at = (fraction: number) => lags[Math.ceil(fraction * lags.length) - 1] ?? Number.NaN
  return {
    id: 'scheduler-lag',
    size: `${lags.length} runs, ${OLD_LINES.toLocaleString('en-US')} lines`,
    value: at(0.99),
    unit: 'ms p99',
    limit: `median ${at(0.5).toFixed(0)} ms, most ${at(1).toFixed(0)} ms; below 1000 ms is wanted`,
    note: `two schedulers, ${lags.length / OCCURRENCES} flows each wall second; from the instant until the run is stored`,
  }
}

async function pruneDayByDay(pool: pg.Pool, now: EpochMs): Promise<void> {
  for (let days = OLD_DAYS + 1; days >= 1; days--) {
    await dropLogDays(pool, epochMs(now - (days - 1) * DAY_MS - 1))
    await passing(WALL_TIMER, (OCCURRENCES * 1_000) / (2 * OLD_DAYS))
  }
}
