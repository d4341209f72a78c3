import { Worker } from 'node:worker_threads'
import type { Database } from '#database/connection.client.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { openBarKeeper } from '#market/bar-keeper.store.ts'
import { openJumpKeeper } from '#market/minute-jumps.store.ts'
import { sessionMarks } from '#market/session-marks.ts'
import { openMarketStream } from '#sources/alpaca/market-stream.client.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'

export const SESSION = sessionOn('2018-03-28' as SessionDate) as Session
const MOST_WAITING = 400_000

/** A stream of minutes of `symbols` that is stored as the collector stores it. */
export type Ingest = {
  /** Sends minutes as fast as they are taken; resolves when all their bars are stored. */
  readonly minutes: (numbers: readonly number[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens a sender in a thread of its own and, here, the market stream, the keeper and the marks of the ledger. */
export async function openIngest({ pool }: Database, count: number): Promise<Ingest> {
  const symbols = Array.from({ length: count }, (_, i) => `S${String(i).padStart(5, '0')}` as Symbol_)
  const sender = new Worker(new URL('./bar-sender.worker.ts', import.meta.url), {
    workerData: { symbols, from: SESSION.opensAt },
  })
  const { port } = await new Promise<{ port: number }>((resolve) => sender.once('message', resolve))
  const marks = sessionMarks(SESSION, symbols)
  const up = Promise.withResolvers<void>()
  const onHeld = (sentence: string) => up.reject(new Error(sentence))
  const jumps = await openJumpKeeper({ pool, feed: 'iex', session: SESSION, symbols, now: () => SESSION.opensAt, onHeld })
  let wanted = { bars: 0, resolve: () => {} }
  const keeper = openBarKeeper({
    ...{ pool, feed: 'iex', timer: WALL_TIMER, beforeStored: jumps.look, onRejected: () => {} },
    onTrouble: (sentence) => up.reject(new Error(sentence)),
    onStored: () => {
      if (keeper.totals().new >= wanted.bars) wanted.resolve()
      if (keeper.waiting() < MOST_WAITING / 4) stream.release()
    },
  })
  const stream = openMarketStream({
    ...{ name: 'bars', url: `ws://127.0.0.1:${port}/v2/iex`, keys: { keyId: 'k', secret: 's' } },
    ...{ timer: WALL_TIMER, random: Math.random, onTrouble: (fault) => up.reject(fault) },
    channels: { bars: ['*'], updatedBars: ['*'], dailyBars: [], statuses: ['*'] },
    onNews: (news) => {
      if (news.kind === 'up') up.resolve()
      if (news.kind !== 'bars') return
      marks.note(news.rows)
      keeper.take(news.rows, 'keep')
      if (keeper.waiting() > MOST_WAITING) stream.hold()
    },
  })
  await up.promise
  return {
    minutes: (numbers) =>
      new Promise((resolve) => {
        wanted = { bars: keeper.totals().new + numbers.length * count, resolve }
        sender.postMessage({ minutes: numbers })
      }),
    close: async () => {
      await stream.close()
      await sender.terminate()
    },
  }
}
