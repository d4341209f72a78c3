import { openIngest } from './ingest.ts'
import { onOwnServer } from './own-server.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const SYMBOLS = 10_000
const MINUTES = 30
const WITHIN_MS = 1_000

/**
 * A minute of 10,000 symbols that arrives at once on the market stream: milliseconds from its sending until every bar of it
 * is committed. 30 minutes, one when the one before is stored.
 */
export const bench: Bench = {
  id: 'ingest-minute-10000',
  run: () =>
    onOwnServer(async (database): Promise<BenchResult[]> => {
      const ingest = await openIngest(database, SYMBOLS)
      const times: number[] = []
      for (let minute = 0; minute < MINUTES; minute++) {
        const began = performance.now()
        await ingest.minutes([minute])
        times.push(performance.now() - began)
      }
      await ingest.close()
      const worst = Math.max(...times)
      return [
        {
          id: 'ingest-minute-10000',
          size: `${SYMBOLS.toLocaleString('en-US')} bars at once, ${MINUTES} times`,
          value: median(times),
          unit: 'ms until stored',
          limit: `at most ${WITHIN_MS} ms wanted, the slowest took ${worst.toFixed(0)} ms`,
          note: worst <= WITHIN_MS ? 'kept' : 'NOT kept',
        },
      ]
    }),
}
