import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { Database } from '#database/connection.client.ts'
import { tableOfRows } from '#domain/bar-table.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { copyTable, STORED_COLUMNS } from '#market/copy-binary.ts'
import { COPY_HEAD, COPY_TAIL } from '#market/copy-tuples.ts'
import { SESSION } from './ingest.ts'

const SYMBOLS = 10_000
const MINUTES = 20

/**
 * Bars a second that a bare binary COPY stores in a table with the columns, checks and key of one month's partition, minute
 * after minute of 10,000 symbols, each committed: what the database itself can do on this machine.
 */
export async function bareCopyRate({ pool }: Database): Promise<number> {
  await pool.query('create table bare (like spreadworks.bars including all)')
  const client = await pool.connect()
  const minutes = Array.from({ length: MINUTES }, (_, minute) => minuteOf(minute))
  const began = performance.now()
  for (const rows of minutes) {
    const copy = client.query(copyFrom(`copy bare (${STORED_COLUMNS}) from stdin with (format binary)`))
    await pipeline(Readable.from([COPY_HEAD, rows, COPY_TAIL], { objectMode: false }), copy)
  }
  const seconds = (performance.now() - began) / 1000
  client.release()
  await pool.query('drop table bare')
  return (SYMBOLS * MINUTES) / seconds
}

function minuteOf(minute: number): Buffer {
  const bar = { open: 50, high: 51.25, low: 49.5, close: 50.75, volumeShares: 100, vwap: 50.5, trades: 7 }
  const rows = Array.from({ length: SYMBOLS }, (_, i) => ({
    ...{ symbol: `S${String(i).padStart(5, '0')}` as Symbol_, openedAt: SESSION.opensAt + minute * MINUTE_MS },
    ...bar,
  }))
  return copyTable(tableOfRows(rows), { feed: 'iex', timeframe: '1m', receivedAt: SESSION.opensAt })
}
