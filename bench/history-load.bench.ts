import { Worker } from 'node:worker_threads'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { loadBars, minutesQuestion } from '#market/load-bars.steps.ts'
import { connectAlpaca } from '#sources/alpaca/alpaca.client.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'
import { bareCopyRate } from './copy-limit.ts'
import { onOwnServer } from './own-server.ts'
import type { Bench, BenchResult } from './result.ts'

const SYMBOLS = 500
const [FROM, THROUGH] = ['2018-03-19', '2018-03-23'] as SessionDate[]
const WANTED = 60_000
const KEYS = { keyId: 'bench', secret: 'bench' }

/**
 * Five sessions of minutes of 500 symbols from the exchange stand-in, over its REST API page by page, into `bars` and the
 * ledger. The exchange has a thread of its own; it, the client and the server share the machine.
 */
export const bench: Bench = { id: 'history-load', run: () => onOwnServer(measure) }

async function measure(database: Database): Promise<BenchResult[]> {
  const symbols = Array.from({ length: SYMBOLS }, (_, i) => `S${String(i).padStart(3, '0')}` as Symbol_)
  const exchange = new Worker(new URL('./exchange.worker.ts', import.meta.url), {
    workerData: { symbols, from: FROM, through: THROUGH },
  })
  const { url, streamUrl } = await new Promise<{ url: string; streamUrl: string }>((resolve, reject) => {
    exchange.once('message', resolve)
    exchange.once('error', reject)
  })
  const copyRate = await bareCopyRate(database)
  const alpaca = connectAlpaca({ tradingUrl: url, dataUrl: url, streamUrl, ...KEYS, feed: 'iex', onTrouble: () => {} })
  const sessions = sessionsBetween(FROM, THROUGH)
  const from = sessions[0].opensAt
  const until = epochMs(sessions.at(-1)?.closesAt ?? from)
  const load = async (first: EpochMs, end: EpochMs) => {
    const began = performance.now()
    const dependencies = { pool: database.pool, source: alpaca.history, timer: WALL_TIMER }
    const loaded = await loadBars(dependencies, {
      ...{ question: minutesQuestion(symbols, first, end), caller: 'bench', purpose: 'history' },
    })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.why))
    return { bars: loaded.value.new, seconds: (performance.now() - began) / 1000 }
  }
  // The exchange keeps the days that it was last asked for: the first of these pays for their reading.
  await load(from, epochMs(from + 60_000))
  await database.pool.query('truncate spreadworks.bars, spreadworks.bar_ledger')
  const { bars, seconds } = await load(from, until)
  await alpaca.close()
  await exchange.terminate()
  const rate = bars / seconds
  return [
    {
      ...{ id: 'history-load', size: `${bars.toLocaleString('en-US')} bars, ${SYMBOLS} symbols`, value: rate, unit: 'bars/s' },
      peer: `bare COPY (${Math.round(copyRate).toLocaleString('en-US')} bars/s)`,
      ratio: rate / copyRate,
      limit: `at least ${WANTED.toLocaleString('en-US')} wanted`,
    },
  ]
}
