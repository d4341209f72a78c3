import { bareCopyRate } from './copy-limit.ts'
import { openIngest } from './ingest.ts'
import { onOwnServer } from './own-server.ts'
import type { Bench, BenchResult } from './result.ts'

const SYMBOLS = 10_000
const WARM_MINUTES = 10
const MINUTES = 200
const WANTED = 50_000

/**
 * 2,000,000 bars from a market stream into `bars`, as fast as they are taken: received, decoded, checked, marked for the
 * ledger, copied, counted and committed. Sender, client and server share the machine.
 */
export const bench: Bench = {
  id: 'ingest-stream',
  run: () =>
    onOwnServer(async (database): Promise<BenchResult[]> => {
      const copyRate = await bareCopyRate(database)
      const ingest = await openIngest(database, SYMBOLS)
      await ingest.minutes(Array.from({ length: WARM_MINUTES }, (_, i) => i))
      const heapBefore = heapMb()
      const began = performance.now()
      await ingest.minutes(Array.from({ length: MINUTES }, (_, i) => WARM_MINUTES + i))
      const rate = (SYMBOLS * MINUTES) / ((performance.now() - began) / 1000)
      const heap = `heap ${heapBefore} → ${heapMb()} MB`
      await ingest.close()
      return [
        {
          id: 'ingest-stream',
          size: `${(SYMBOLS * MINUTES).toLocaleString('en-US')} bars`,
          value: rate,
          unit: 'bars/s',
          peer: `bare COPY (${Math.round(copyRate).toLocaleString('en-US')} bars/s)`,
          ratio: rate / copyRate,
          limit: `at least ${WANTED.toLocaleString('en-US')} wanted; the limit is PostgreSQL's own COPY with its key`,
          note: heap,
        },
      ]
    }),
}

function heapMb(): number {
  return Math.round(process.memoryUsage().heapUsed / 1e6)
}
