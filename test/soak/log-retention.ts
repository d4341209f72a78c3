import assert from 'node:assert/strict'
import type { Pool } from 'pg'
import type { Database } from '#database/connection.client.ts'
import { epochMs } from '#domain/units.ts'
import { dropLogDays } from '#flows/retention.store.ts'
import { onOwnServer } from '../../bench/own-server.ts'
import { fillLogs, lagsUnderPruning, midnightBefore } from '../../bench/pruned-logs.ts'
import type { Soak, SoakTerms } from './soak.ts'

const LINES = 20_000_000
const DAYS = 30
const OCCURRENCES = 90
const MOST_LAG_MS = 1_000
const MEGABYTE = 1_000_000

/**
 * FAILURES row 15: 20 million lines of log in 30 days, removed while nine schedules fire each second and lines are written. A part is as
 * many days of lines. It has no draws, so the seed changes nothing.
 */
export const logRetention: Soak = { name: 'log-retention', run: (terms) => onOwnServer((database) => retention(database, terms)) }

async function retention(database: Database, { part, parts, tell }: SoakTerms): Promise<void> {
  const { pool } = database
  const now = epochMs(Date.now())
  const days = Array.from({ length: DAYS }, (_, i) => i + 1).filter((day) => day % parts === part - 1)
  const empty = await megabytes(pool)
  for (const day of days) {
    await fillLogs(pool, [midnightBefore(now, day), midnightBefore(now, day - 1)], Math.ceil(LINES / DAYS))
    tell(`${day} days ago is filled, ${(await megabytes(pool)).toFixed(0)} MB`)
  }
  const full = await megabytes(pool)
  let tookMs = Number.NaN
  const prune = async () => {
    const began = performance.now()
    const dropped = await dropLogDays(pool, midnightBefore(now, 0))
    tookMs = performance.now() - began
    assert.equal(dropped, days.length, 'not every day of lines went')
  }
  const lags = await lagsUnderPruning(database, { occurrences: OCCURRENCES, prune })
  const left = await megabytes(pool)
  const at = (fraction: number) => lags[Math.ceil(fraction * lags.length) - 1] ?? Number.NaN
  tell(
    `${days.length} days went in ${tookMs.toFixed(0)} ms; ${full.toFixed(0)} MB of disk became ${left.toFixed(0)}, ${empty.toFixed(0)} when empty`,
  )
  tell(`lag of ${lags.length} runs: p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, most ${at(1).toFixed(0)} ms`)
  assert.ok(at(0.99) < MOST_LAG_MS, `the p99 of the lag is ${at(0.99)} ms`)
  assert.ok(left - empty < (full - empty) * 0.05, `${left} MB of disk are left`)
}

async function megabytes(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(`select pg_database_size(current_database())::float8 as bytes`)
  return (rows[0]?.bytes ?? Number.NaN) / MEGABYTE
}
