import { randomStream } from '#domain/random.ts'
import type { PriceColumn } from '#domain/units.ts'
import { deriveFeatures, featureColumns, type SymbolFeatures } from '#features/universe-features.ts'
import { pythonPeer } from './python-peer.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const SYMBOLS = 500
const ROWS = 1259
const WINDOWS = { zScoreMinimum: 20, returnWindow: 20 }
const WARM_UPS = 20
const RUNS = 41
/** pandas 1.5.3, wide frame, in the table of ../shared/reference/README.md. */
const TABLE_MS = 80

/** The five feature columns of a universe, written into room that is there already; the note has the time with room made anew. */
export const bench: Bench = {
  id: 'features-500x1259',
  run: async (): Promise<BenchResult[]> => {
    const closes = madeCloses()
    const size = { symbols: SYMBOLS, rows: ROWS }
    const room = featureColumns(size)
    const value = medianMs(() => deriveFeatures(closes, WINDOWS, room))
    const fresh = medianMs(() => deriveFeatures(closes, WINDOWS, featureColumns(size)))
    const copied = medianMs(() => copyInto(closes, room))
    const here = pythonPeer(PANDAS, { closes: closes.map((close) => [...close]), ...WINDOWS })
    const gigabytes = (6 * 8 * SYMBOLS * ROWS) / 1e9
    return [
      {
        id: 'features-500x1259',
        size: `${SYMBOLS} symbols × ${ROWS} rows`,
        value,
        unit: 'ms',
        peer: here === undefined ? 'pandas 1.5.3, wide frame (reference table)' : 'pandas, wide frame, in this run',
        ratio: (here ?? TABLE_MS) / value,
        limit: `${(value / copied).toFixed(1)} × copying the closes into the five columns (${((gigabytes / copied) * 1000).toFixed(0)} GB/s)`,
        note: `${fresh.toFixed(1)} ms with room made anew; one value at a time, where vector instructions take two to eight`,
      },
    ]
  },
}

/** Daily walks of 1 % a day, 1 % of them not observed. */
function madeCloses(): PriceColumn[] {
  const { normal, uniform } = randomStream(1, 'features-bench')
  return Array.from({ length: SYMBOLS }, () => {
    let level = Math.log(50 + 100 * uniform())
    const close = Float64Array.from({ length: ROWS }, () => {
      level += 0.01 * normal()
      return uniform() < 0.01 ? Number.NaN : Math.exp(level)
    })
    return close as PriceColumn
  })
}

function copyInto(closes: readonly PriceColumn[], room: readonly SymbolFeatures[]): void {
  closes.forEach((close, i) => {
    for (const column of Object.values(room[i])) column.set(close)
  })
}

function medianMs(work: () => void): number {
  const times: number[] = []
  for (let run = -WARM_UPS; run < RUNS; run++) {
    const startedAt = performance.now()
    work()
    if (run >= 0) times.push(performance.now() - startedAt)
  }
  return median(times)
}

const PANDAS = `
import json, statistics, sys, time
import numpy as np, pandas as pd
given = json.load(sys.stdin)
frame = pd.DataFrame(np.array(given['closes'], dtype=float).T)
def features():
    log_close = np.log(frame)
    log_return = log_close.diff()
    so_far = log_close.expanding(given['zScoreMinimum'])
    z_score = (log_close - so_far.mean()) / so_far.std()
    window = log_return.rolling(given['returnWindow'])
    return log_close, log_return, z_score, window.mean(), window.std()
times = []
for run in range(13):
    started = time.perf_counter()
    features()
    times.append((time.perf_counter() - started) * 1000)
print(statistics.median(times[2:]))
`
