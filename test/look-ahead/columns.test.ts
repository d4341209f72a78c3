import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BarColumns } from '#domain/bars.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { PriceColumn, SharesColumn, TimeColumn } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { type LogCloseColumn, logReturns, writeLogs } from '#features/log-returns.ts'
import { PAIR_FEATURES, pairFeatures, reversionLabels } from '#features/pair-features.ts'
import { deriveFeatures, featureColumns } from '#features/universe-features.ts'
import { zScoreCalls } from '#models/baselines.ts'
import { calibrated } from '#models/calibration.ts'
import { changesOf, featureRows, filterSpread, knownRows, scaled } from '#models/pair-frame.ts'
import { windowEnds } from '#models/training-split.ts'
import { logSpread } from '#pairs/spread.ts'
import { correctedChanges } from '#pairs/spread-model.ts'
import { differences, relativeChanges } from '#statistics/changes.ts'
import { filterGarch } from '#statistics/garch.ts'
import { filterHedge } from '#statistics/kalman.ts'
import { expandingMoments, rollingMoments } from '#statistics/moving-moments.ts'
import { recursiveResiduals } from '#statistics/recursive-residuals.ts'
import {
  continuedZScore,
  expandingMean,
  expandingStd,
  expandingZScore,
  rollingMean,
  rollingStd,
  rollingZScore,
} from '#statistics/rolling.ts'
import { rollingCointegration } from '#statistics/rolling-cointegration.ts'
import { rsi } from '#statistics/rsi.ts'
import { cutMarkets, type Market, upTo } from './market.ts'

const HEDGE = { alpha: 0.1, beta: 0.9 }
const GARCH = { mu: 0, omega: 1e-6, alpha: 0.1, beta: 0.8, initialVariance: 1e-5 }
const VARIANCE = { kind: 'garch', parameters: GARCH } as const
const SCALER = { mean: PAIR_FEATURES.map((_, i) => i / 10), deviation: PAIR_FEATURES.map((_, i) => 1 + i) }
const WINDOW = { window: 14, minimum: 9 }
const MINIMUM = { minimum: 5 }

const spreadOf = ({ y, x }: Market) => logSpread(y, x, HEDGE)
const filteredOf = (market: Market) => filterSpread(spreadOf(market), VARIANCE)
/** Something in [0, 1] of every row. */
const unitOf = (market: Market) => spreadOf(market).map((spread) => 1 / (1 + Math.exp(-spread)))
const blank = ({ y }: Market) => new Float64Array(y.length)

/** Every function whose columns may depend on the rows up to their own and on no others. */
const CAUSAL: Readonly<Record<string, (market: Market) => readonly ArrayLike<number>[]>> = {
  alignOnClock: (market) => [alignOnClock(barsOf(market), market.openedAt, { carryBars: 3 })],
  logReturns: ({ y }) => [logReturns(y)],
  writeLogs: (market) => {
    const columns = { logClose: blank(market) as LogCloseColumn, logReturn: logReturns(market.x) }
    writeLogs(market.y, columns)
    return Object.values(columns)
  },
  deriveFeatures: ({ y, x }) => {
    const into = featureColumns({ symbols: 2, rows: y.length })
    deriveFeatures([y, x], { zScoreMinimum: 5, returnWindow: 7 }, into)
    return into.flatMap((columns) => Object.values(columns))
  },
  pairFeatures: (market) => pairFeatures(filteredOf(market)).columns,
  logSpread: (market) => [spreadOf(market)],
  // The first is of row 1.
  correctedChanges: (market) => [[Number.NaN, ...correctedChanges(spreadOf(market), -0.1)]],
  changesOf: (market) => [changesOf(spreadOf(market))],
  filterSpread: (market) => {
    const { spread, garchVolatility, garchResidual } = filteredOf(market)
    return [spread, garchVolatility, garchResidual]
  },
  featureRows: (market) => byColumn(featureRows(filteredOf(market))),
  scaled: (market) => byColumn(scaled(featureRows(filteredOf(market)), SCALER)),
  knownRows: (market) => [knownRows(featureRows(filteredOf(market)), PAIR_FEATURES.length)],
  rollingMean: ({ y }) => [rollingMean(y, WINDOW)],
  rollingStd: ({ y }) => [rollingStd(y, WINDOW)],
  rollingZScore: ({ y }) => [rollingZScore(y, WINDOW)],
  continuedZScore: ({ y }) => {
    const before = y.subarray(0, y.length / 2)
    return [continuedZScore({ x: before, z: rollingZScore(before, WINDOW) }, y, WINDOW)]
  },
  expandingMean: ({ y }) => [expandingMean(y, MINIMUM)],
  expandingStd: ({ y }) => [expandingStd(y, MINIMUM)],
  expandingZScore: ({ y }) => [expandingZScore(y, MINIMUM)],
  expandingMoments: (market) => {
    const columns = { mean: blank(market), deviation: blank(market), zScore: blank(market) }
    expandingMoments(market.y, MINIMUM, columns)
    return Object.values(columns)
  },
  rollingMoments: (market) => {
    const columns = { mean: blank(market), deviation: blank(market) }
    rollingMoments({ rows: market.y.length, window: 14 })(market.y, columns)
    return Object.values(columns)
  },
  // It takes no row that is not known.
  recursiveResiduals: (market) => {
    const [y, x] = [market.y, market.x].map((column) => column.map((price) => (Number.isNaN(price) ? 1 : price)))
    const found = recursiveResiduals(y, [x.map(() => 1), x])
    if (found.kind !== 'measured') return [blank(market).fill(Number.NaN)]
    const residualAt = new Map(Array.from(found.rows, (row, i) => [row, found.residuals[i]]))
    return [blank(market).map((_, row) => residualAt.get(row) ?? Number.NaN)]
  },
  rollingCointegration: ({ y, x }) => {
    const { pValue, beta } = rollingCointegration(y.map(Math.log), x.map(Math.log), {
      window: 20,
      every: 3,
      lagRule: 'fixed',
      maximumLag: 0,
    })
    return [pValue, beta]
  },
  zScoreCalls: (market) => [zScoreCalls(spreadOf(market), { zscoreWindowBars: 14, entryZ: 1 })],
  calibrated: (market) => [calibrated({ kind: 'platt', slope: 0.7, intercept: 0.1 }, unitOf(market))],
  rsi: ({ y }) => [rsi(y, { window: 14 })],
  differences: ({ y }) => [differences(y)],
  relativeChanges: ({ y }) => [relativeChanges(y)],
  filterGarch: (market) => Object.values(filterGarch(changesOf(spreadOf(market)), GARCH)),
  filterHedge: ({ y, x }) => {
    const path = filterHedge(y, x, { delta: 1e-4, noise: 1e-3, initialVariance: 1, initial: [0, 0] })
    if (path.kind !== 'filtered') throw new Error(path.kind)
    return [path.intercept, path.slope, path.surprise, path.surpriseVariance]
  },
}

/** What looks one row ahead, by definition: labels, and the windows that have one. */
const LABELS: typeof CAUSAL = {
  windowEnds: (market) => {
    const [known] = CAUSAL.knownRows(market)
    const flags = blank(market)
    for (const end of windowEnds(Uint8Array.from(known), reversionLabels(spreadOf(market), 0), 4)) flags[end] = 1
    return [flags]
  },
  reversionLabels: (market) => {
    const spread = spreadOf(market)
    return [reversionLabels(spread, rollingMean(spread, WINDOW)), reversionLabels(spread, 0.02)]
  },
}

/** What gives columns and is not held to it, and why. */
const NOT_CAUSAL: Readonly<Record<string, string>> = {
  featureColumns: 'room for columns, nothing derived as yet',
  lastRows: 'a view of columns that are causal',
  breakdownOf: 'one verdict on a column of tests that are causal',
  prepareColumn: 'the screen masks spikes in it, three rows ahead, in head and tail apart; fitted.test.ts holds it to that',
}

for (const [name, columnsOf] of Object.entries(CAUSAL)) {
  test(`nothing at or before a row changes when what came after it is cut off: ${name}`, () => {
    expectPrefixes(columnsOf, 0)
  })
}

for (const [name, columnsOf] of Object.entries(LABELS)) {
  test(`nothing before a row changes when what came after it is cut off: ${name}`, () => {
    expectPrefixes(columnsOf, 1)
  })
}

function expectPrefixes(columnsOf: (market: Market) => readonly ArrayLike<number>[], ahead: number): void {
  let known = 0
  for (const { whole, cuts } of cutMarkets()) {
    const columns = columnsOf(whole)
    for (const t of cuts) {
      const prefix = columnsOf(upTo(whole, t))
      expect(prefix.length).toBe(columns.length)
      columns.forEach((column, i) => {
        const row = firstDifference(prefix[i], column, t + 1 - ahead)
        expect(row, `column ${i} at row ${row} of a cut after ${t}`).toBeUndefined()
      })
      known += columns.reduce((sum, column) => sum + Number(!Number.isNaN(column[t - ahead])), 0)
    }
  }
  expect(known).toBeGreaterThan(0)
}

test('every function that gives columns is held to it, or named with the reason why not', () => {
  const givesColumns = ({ type }: Exported) => /Array|Column|Spread\b/.test(type)
  const columnRooms = ['pairs', 'models', 'signals'].flatMap(functionsOf).filter(givesColumns)
  const columnFiles = /changes|moving-moments|rolling|rsi/
  const moving = functionsOf('statistics').filter(({ file }) => columnFiles.test(file))
  const found = [...functionsOf('features'), ...columnRooms, ...moving].map(({ name }) => name)
  const named = [...Object.keys(CAUSAL), ...Object.keys(LABELS), ...Object.keys(NOT_CAUSAL)]
  const filters = ['filterGarch', 'filterHedge']
  expect(found.filter((name) => !named.includes(name))).toEqual([])
  expect(named.filter((name) => !found.includes(name) && !filters.includes(name))).toEqual([])
})

function barsOf({ openedAt, y }: Market): BarColumns {
  const isTraded = (_: number, t: number) => !Number.isNaN(y[t])
  const close = y.filter(isTraded) as PriceColumn
  const volumeShares = close.map(() => 100) as Float64Array as SharesColumn
  return {
    symbol: 'AAA' as Symbol_,
    openedAt: openedAt.filter(isTraded) as TimeColumn,
    open: close,
    high: close,
    low: close,
    close,
    volumeShares,
  }
}

/** The columns of row-major rows of ten features. */
function byColumn(rows: Float64Array): Float64Array[] {
  return PAIR_FEATURES.map((_, i) => rows.filter((_, at) => at % PAIR_FEATURES.length === i))
}

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>, rows: number): number | undefined {
  for (let t = 0; t < rows; t++) if (!Object.is(a[t], b[t])) return t
  return undefined
}

type Exported = { readonly name: string; readonly file: string; readonly type: string }

/** The functions that a room's pure files export, examples apart, with the text of what they give back; empty where it is inferred. */
function functionsOf(room: string): Exported[] {
  const folder = join(import.meta.dirname, '../../src', room)
  return readdirSync(folder)
    .filter((file) => /^(?!example-)[\w-]+\.ts$/.test(file))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/^export function (\w+)\([\s\S]*?\)(?:: (.+))? \{$/gm)].map(
        ([, name, type = '']) => ({ name, file, type }),
      ),
    )
}
