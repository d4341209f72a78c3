import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomStream } from '#domain/random.ts'
import { adf } from '#statistics/adf.ts'
import { engleGranger } from '#statistics/engle-granger.ts'
import { isReferenceAbsent } from '#statistics/reference.file.ts'
import { pythonPeer } from './python-peer.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const WARM_UPS = 300
const RUNS = 301
/** Float64 multiply–adds a nanosecond that one core of plain JavaScript can at best do: one at 3 GHz. */
const PRODUCTS_PER_NS = 3

type Work = {
  readonly id: string
  readonly rows: number
  /** Series of the reference: y, and x for a pair. */
  readonly series: readonly string[]
  /** statsmodels 0.13.5 in the table of ../shared/reference/README.md. */
  readonly tableMs: number
}

const WORKS: readonly Work[] = [
  { id: 'adf-1259', rows: 1259, series: ['log_sp500'], tableMs: 15.2 },
  { id: 'engle-granger-1259', rows: 1259, series: ['log_nasdaq', 'log_sp500'], tableMs: 21.4 },
  { id: 'engle-granger-2730', rows: 2730, series: ['log_nasdaq_long', 'log_sp500_long'], tableMs: 67 },
]

/** One test with the lag chosen by AIC, one thread: of index levels where ../shared has them, else of made ones. */
export const bench: Bench = {
  id: 'unit-root',
  results: WORKS.map(({ id }) => id),
  run: async (isWanted): Promise<BenchResult[]> => WORKS.filter(({ id }) => isWanted(id)).map(measure),
}

function measure({ id, rows, series, tableMs }: Work): BenchResult {
  const columns = given(series, rows)
  const times: number[] = []
  for (let run = -WARM_UPS; run < RUNS; run++) {
    const startedAt = performance.now()
    tested(columns)
    if (run >= 0) times.push(performance.now() - startedAt)
  }
  const value = median(times)
  const here = pythonPeer(
    STATSMODELS,
    columns.map((column) => [...column]),
  )
  const least = productsOf(rows) / PRODUCTS_PER_NS / 1e6
  return {
    id,
    size: `${rows} rows, lag by AIC`,
    value,
    unit: 'ms',
    peer: here === undefined ? 'statsmodels 0.13.5 (reference table)' : 'statsmodels, in this run',
    ratio: (here ?? tableMs) / value,
    limit: `${(value / least).toFixed(1)} × the multiply–adds of two cross-product matrices (${least.toFixed(3)} ms)`,
  }
}

function tested([y, x]: readonly Float64Array[]): void {
  const test = x === undefined ? adf(y, { trend: 'c', lagRule: 'aic' }) : engleGranger(y, x)
  if (test.kind !== 'tested') throw new Error(`the test ended as ${test.kind}`)
}

/** Products with the level and with the explained difference for every lag; the others are those, shifted. */
function productsOf(rows: number): number {
  const lags = Math.ceil(12 * (rows / 100) ** 0.25)
  return 2 * 2 * (lags + 2) * rows
}

function given(names: readonly string[], rows: number): Float64Array[] {
  if (isReferenceAbsent) return madePair(rows).slice(0, names.length)
  const { series } = JSON.parse(readFileSync(join(import.meta.dirname, '../../shared/reference/coint.json'), 'utf8'))
  return names.map((name) => Float64Array.from(series[name]))
}

function madePair(rows: number): Float64Array[] {
  const { normal } = randomStream(1, 'unit-root-bench')
  let level = 7
  const y = Float64Array.from({ length: rows }, () => {
    level += 0.01 * normal()
    return level
  })
  return [y, y.map((value) => 0.9 * value + 0.05 * normal())]
}

const STATSMODELS = `
import json, statistics, sys, time, warnings
from statsmodels.tsa.stattools import adfuller, coint
warnings.simplefilter('ignore')
columns = json.load(sys.stdin)
times = []
for run in range(23):
    started = time.perf_counter()
    adfuller(columns[0], autolag='AIC') if len(columns) == 1 else coint(columns[0], columns[1], autolag='aic')
    times.append((time.perf_counter() - started) * 1000)
print(statistics.median(times[3:]))
`
