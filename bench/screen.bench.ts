import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { randomStream } from '#domain/random.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn } from '#domain/units.ts'
import { screenRulesOf } from '#flows/screen-day.steps.ts'
import { passedAt } from '#pairs/funnel.ts'
import type { ScreenInput, ScreenResult } from '#pairs/screen.ts'
import { screenOffThread } from '#pairs/screen-pool.worker.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const COLUMNS = 500
const ROWS = 1259
const THREADS = 2
const RUNS = 3
const DAILY = join(import.meta.dirname, '../../shared/data/daily/sp500_daily.csv.gz')
/** Pairs that must get as far as Engle–Granger for the figure to mean anything. */
const LEAST_TESTED = 10_000
/** The reference table's time of one Engle–Granger test with autolag at 1259 rows, statsmodels on one thread. */
const STATSMODELS_MS = 21.4

/** A whole screen at default settings: every pair of 500 columns, from closes to ranks, on two threads. */
export const bench: Bench = {
  id: 'screen-500',
  run: async (): Promise<BenchResult[]> => {
    const { settings } = await readSettingsFiles({})
    const rules = screenRulesOf(settings)
    const input = universe()
    const seconds: number[] = []
    const peakMb: number[] = []
    let result: ScreenResult | undefined
    for (let run = 0; run < RUNS; run++) {
      const watch = watchMemory()
      const startedAt = performance.now()
      result = await screenOffThread(input, rules, { threads: THREADS })
      seconds.push((performance.now() - startedAt) / 1000)
      peakMb.push(watch.stop())
    }
    return result === undefined ? [] : [resultOf(result, median(seconds), Math.max(...peakMb))]
  },
}

function resultOf(result: ScreenResult, value: number, peakMb: number): BenchResult {
  const { funnel } = result
  const reached = passedAt(funnel, 'correlated')
  if (reached < LEAST_TESTED) throw new Error(`only ${reached} pairs reached Engle–Granger, of ${LEAST_TESTED} asked`)
  const statsmodels = (2 * reached * STATSMODELS_MS) / 1000 / THREADS
  const eachMs = (value * 1000 * THREADS) / reached
  return {
    id: 'screen-500',
    size: `${COLUMNS} columns × ${ROWS}, ${passedAt(funnel, 'tried').toLocaleString('en-US')} pairs`,
    value,
    unit: 's',
    peer: 'statsmodels, Engle–Granger both ways alone, two processes (reference table)',
    ratio: statsmodels / value,
    limit: `${eachMs.toFixed(2)} ms of a core for each pair that reaches Engle–Granger; bound by arithmetic, the columns are 5 MB`,
    note: `${THREADS} threads on ${cpus().length} cores, peak ${peakMb.toFixed(0)} MB; passed: ${funnel.map(({ gate, passed }) => `${passed} ${gate}`).join(' → ')}`,
  }
}

/** Samples the resident memory of the whole process, threads included. */
function watchMemory(): { readonly stop: () => number } {
  let peak = process.memoryUsage.rss()
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 20)
  return {
    stop: () => {
      clearInterval(timer)
      return Math.max(peak, process.memoryUsage.rss()) / 1e6
    },
  }
}

/** Real columns as far as there are complete ones, and mixtures of them up to the number wanted; walks where there are none. */
function universe(): ScreenInput {
  const real = existsSync(DAILY) ? completeColumns() : madeColumns()
  const names = [...real.keys()]
  const { uniform, below } = randomStream(500, 'screen-bench')
  const columns = new Map(real)
  for (let i = 0; columns.size < COLUMNS; i++) {
    const [a, b] = [below(names.length), below(names.length)].map((at) => real.get(names[at] ?? '') ?? new Float64Array(ROWS))
    const weight = uniform()
    columns.set(
      `MIX${i}`,
      a.map((price, t) => price ** weight * b[t] ** (1 - weight)),
    )
  }
  const used = [...columns].slice(0, COLUMNS)
  return { symbols: used.map(([name]) => name as Symbol_), closes: used.map(([, column]) => column as PriceColumn) }
}

function completeColumns(): Map<string, Float64Array> {
  const closes = new Map<string, number[]>()
  for (const line of gunzipSync(readFileSync(DAILY)).toString('latin1').trimEnd().split('\n').slice(1)) {
    const [symbol = '', , , , , close] = line.split(',')
    const column = closes.get(symbol)
    if (column === undefined) closes.set(symbol, [Number(close)])
    else column.push(Number(close))
  }
  return new Map(
    [...closes].filter(([, column]) => column.length === ROWS).map(([symbol, column]) => [symbol, Float64Array.from(column)]),
  )
}

/** Walks that share a trend, so that enough pairs are correlated. */
function madeColumns(): Map<string, Float64Array> {
  const { normal } = randomStream(500, 'screen-bench walks')
  const walk = (): Float64Array => {
    let level = 4
    return Float64Array.from({ length: ROWS }, () => {
      level += 0.0005 + 0.01 * normal()
      return Math.exp(level)
    })
  }
  return new Map(Array.from({ length: 284 }, (_, i) => [`S${i}`, walk()]))
}
