import type { LogSpreadColumn, PriceColumn } from '#domain/units.ts'
import { logReturns } from '#features/log-returns.ts'
import { pairFeatures, reversionLabels } from '#features/pair-features.ts'
import { differences, relativeChanges } from '#statistics/changes.ts'
import { correlationMatrix } from '#statistics/correlation.ts'
import { covariance, spearman } from '#statistics/rank-correlation.ts'
import { expandingMean, expandingStd, expandingZScore, rollingMean, rollingStd, rollingZScore } from '#statistics/rolling.ts'
import { rsi } from '#statistics/rsi.ts'
import { type Answer, answered, type Checker, DEFAULT_BOUND, type Figure, withinRounding } from './reference-answer.ts'
import { columnOf, columnsOf, numberOf, numbersIn, type ReferenceCase } from './reference-case.ts'

/** Told apart by what they hold: a frame, a correlation, indicators, a window, or an expanding window. */
export const checkFeatures: Checker = (one) => {
  if ('rows' in one.expected) return checkFrame(one)
  if ('corr' in one.expected) return checkCorrelation(one)
  if ('log_return' in one.expected) return checkIndicators(one)
  if ('window' in one.params) return checkRolling(one)
  if ('min_periods' in one.params) return checkExpanding(one)
  throw new TypeError(`no function for the figures ${Object.keys(one.expected).join(', ')}`)
}

/** Streaming sums keep what a large value left in them: where tagged so, only exact arithmetic is compared with. */
function checkRolling(one: ReferenceCase): Answer {
  const x = columnOf(one, 'x')
  const minimum = one.params.min_periods === null ? {} : { minimum: numberOf(one, 'min_periods') }
  const window = { window: numberOf(one, 'window'), ...minimum }
  const exact = { ours: rollingStd(x, window), bound: 1e-9 }
  if (one.tags.includes('pandas_roundoff')) return answered({ exact_std: exact }, ['mean', 'std', 'z'])
  return answered({
    exact_std: exact,
    std: { ours: exact.ours },
    mean: { ours: rollingMean(x, window) },
    z: { ours: rollingZScore(x, window), theirs: exactZScore(one, x), floor: 1 },
  })
}

function checkExpanding(one: ReferenceCase): Answer {
  const x = columnOf(one, 'x')
  const minimum = { minimum: numberOf(one, 'min_periods') }
  const isRoundedOff = one.tags.includes('pandas_roundoff')
  const bound = isRoundedOff ? withinRounding(scaleRange(x)) : DEFAULT_BOUND
  return answered({
    mean: { ours: expandingMean(x, minimum), bound },
    std: { ours: expandingStd(x, minimum), bound },
    z: { ours: expandingZScore(x, minimum), bound, floor: 1 },
  })
}

/** The streaming deviation of a short, quiet window keeps few digits, so that the z-score is taken from the exact one. */
function exactZScore({ expected }: ReferenceCase, x: Float64Array): Float64Array {
  const [mean, deviation] = [numbersIn(expected.mean), numbersIn(expected.exact_std)]
  return x.map((value, t) => (value - mean[t]) / deviation[t])
}

/** Largest over smallest magnitude other than 0: what a running sum of squares over both forgets of the smaller. */
function scaleRange(x: Float64Array): number {
  const sizes = x.map(Math.abs).filter((value) => value > 0)
  return Math.max(...sizes) / Math.min(...sizes)
}

function checkIndicators(one: ReferenceCase): Answer {
  const x = columnOf(one, 'x')
  // What is not above 0 is no price, so that no return is known beside it.
  const prices = x.map((value) => (value > 0 ? value : Number.NaN)) as PriceColumn
  const figures: Record<string, Figure> = { log_return: { ours: logReturns(prices) } }
  if (one.params.rsi_window === undefined) return answered(figures)
  const means = Object.keys(one.expected).flatMap((key) => {
    const window = /^ma(\d+)$/.exec(key)?.[1]
    return window === undefined ? [] : [[key, { ours: rollingMean(x, { window: Number(window) }) }] as const]
  })
  const deviations = Object.keys(one.expected).flatMap((key) => {
    const window = /^std(\d+)$/.exec(key)?.[1]
    return window === undefined ? [] : [[key, { ours: rollingStd(x, { window: Number(window) }) }] as const]
  })
  return answered({
    ...figures,
    ...Object.fromEntries([...means, ...deviations]),
    rsi: { ours: rsi(x, { window: numberOf(one, 'rsi_window') }), floor: 100 },
    diff: { ours: differences(x) },
    pct_change: { ours: relativeChanges(x) },
  })
}

/** The volatility and residual of the frame are stand-ins for GARCH's: a deviation over 5 rows and the plain step. */
function checkFrame(one: ReferenceCase): Answer {
  const spread = columnOf(one, 'x') as LogSpreadColumn
  const garch = { garchVolatility: rollingStd(spread, { window: 5 }), garchResidual: differences(spread) }
  const { columns } = pairFeatures({ spread, ...garch })
  const labels = reversionLabels(spread, 0)
  const known = Array.from(spread, (_, t) => t).filter((t) => columns.every((column) => !Number.isNaN(column[t])))
  const rows = known.slice(0, -1)
  const target = numbersIn(one.expected.target)
  // Beside a gap the reference compares with NaN and says 0, where here the label is not known.
  const ours = rows.map((t, i) => (Number.isNaN(labels[t]) ? target[i] : labels[t]))
  return answered(
    {
      index: { ours: rows },
      rows: { ours: rows.flatMap((t) => columns.map((column) => column[t])) },
      target: { ours },
    },
    ['columns'],
  )
}

function checkCorrelation(one: ReferenceCase): Answer {
  const columns = columnsOf(one, 'columns')
  const ranked = columns.slice(0, Math.sqrt(numbersIn(one.expected.spearman).length))
  const each = (of: readonly Float64Array[], f: (a: Float64Array, b: Float64Array) => number) =>
    of.flatMap((a) => of.map((b) => f(a, b)))
  const isOffset = one.tags.some((tag) => tag.includes('offset'))
  const bound = isOffset ? withinRounding(Math.max(...columns.map(offsetOf))) : DEFAULT_BOUND
  const varied = each(columns, (a, b) => {
    const result = covariance(a, b)
    return result.kind === 'measured' ? result.value : Number.NaN
  })
  const rankCorrelation = each(ranked, (a, b) => {
    const result = spearman(a, b)
    return result.kind === 'correlated' ? result.r : Number.NaN
  })
  return answered({
    corr: { ours: correlationMatrix(columns), bound, floor: 1 },
    cov: { ours: varied, bound },
    spearman: { ours: rankCorrelation, floor: 1 },
  })
}

/** How many deviations a column's mean lies from 0: of its deviations the column itself knows that many times fewer digits. */
function offsetOf(column: Float64Array): number {
  const seen = column.filter((value) => !Number.isNaN(value))
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
  const deviation = rollingStd(seen, { window: seen.length })[seen.length - 1]
  return deviation > 0 ? Math.abs(mean) / deviation : 1
}
