import { createHash } from 'node:crypto'
import type { Feed, Timeframe } from '#domain/bars.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { Pair } from '#domain/pair.ts'
import { epochMs, type LogSpreadColumn, type PriceColumn, type TimeColumn } from '#domain/units.ts'
import { PAIR_FEATURES, reversionLabels } from '#features/pair-features.ts'
import type { NetworkShape } from '#network/shape.ts'
import type { TrainingJob } from '#network/training.ts'
import { type Hedge, logSpread } from '#pairs/spread.ts'
import { changesOf, featureRows, filterSpread, fitScaler, knownRows, scaled } from './pair-frame.ts'
import type { Scaler, TrainedOn, VarianceModel } from './pair-model.ts'
import type { ModelRules } from './rules.ts'
import { type Split, splitByTime, windowEnds } from './training-split.ts'
import { fitVariance } from './variance-model.ts'

/** What a pair's model is made from: aligned closes on one clock, NaN where missing, and the screen's word on the pair. */
export type TrainingInput = {
  readonly pair: Pair
  readonly hedge: Hedge
  readonly halfLifeBars: number
  readonly openedAt: TimeColumn
  readonly y: PriceColumn
  readonly x: PriceColumn
  readonly feed: Feed
  readonly timeframe: Timeframe
  readonly rules: ModelRules
  readonly seed: number
}

export type NotTrainable =
  | { readonly kind: 'too-few-windows'; readonly windows: number; readonly needed: number }
  /** The spread does not move in the training part. */
  | { readonly kind: 'constant-spread' }
  /** Every training window has the same label. */
  | { readonly kind: 'one-class' }

/** What the finished model needs beside the trained network. */
export type TrainingContext = Omit<TrainingInput, 'openedAt' | 'y' | 'x' | 'rules' | 'feed' | 'timeframe'> & {
  readonly spread: LogSpreadColumn
  readonly spreadMean: number
  readonly spreadDeviation: number
  readonly variance: VarianceModel
  readonly scaler: Scaler
  readonly shape: NetworkShape
  readonly split: Split
  /** [rows] 0 or 1. */
  readonly labels: Uint8Array
  readonly trainedOn: TrainedOn
}

export type Prepared = { readonly job: TrainingJob; readonly context: TrainingContext }

/**
 * Makes a pair's training job: spread → variance model → ten features → labels (does the next step go towards the mean)
 * → windows without a gap → parts by time. The spread's mean, the variance model and the scaler come from the rows up to
 * the end of the training part only; the hedge is the screen's.
 */
export function prepareTraining(input: TrainingInput): Outcome<Prepared, NotTrainable> {
  const { rules, hedge, y, x } = input
  const spread = logSpread(y, x, hedge)
  const ends = windowEnds(featuresKnown(spread), reversionLabels(spread, 0), rules.sequenceBars)
  const split = splitByTime(ends, rules)
  const needed = rules.batchWindows
  const windows = Math.min(split.trainEnds.length, split.validationEnds.length, split.testEnds.length)
  if (windows < needed) return refuse({ kind: 'too-few-windows', windows: ends.length, needed: 3 * needed })
  return prepareFrom({ input, spread, split, trainRows: split.trainEnds[split.trainEnds.length - 1] + 1 })
}

/** Which features are known does not depend on how the variance model is fitted, so any will do to find the windows. */
function featuresKnown(spread: LogSpreadColumn): Uint8Array {
  const parameters = { mu: 0, omega: 1, alpha: 0, beta: 0, initialVariance: 1 }
  return knownRows(featureRows(filterSpread(spread, { kind: 'garch', parameters })), PAIR_FEATURES.length)
}

type Found = {
  readonly input: TrainingInput
  readonly spread: LogSpreadColumn
  readonly split: Split
  /** Rows up to the last of the training part. */
  readonly trainRows: number
}

function prepareFrom({ input, spread, split, trainRows }: Found): Outcome<Prepared, NotTrainable> {
  const { rules, seed } = input
  const variance = fitVariance(changesOf(spread).subarray(0, trainRows))
  if (variance === undefined) return refuse({ kind: 'constant-spread' })
  const { mean: spreadMean, deviation: spreadDeviation } = momentsOf(spread.subarray(0, trainRows))
  const labels = Uint8Array.from(reversionLabels(spread, spreadMean), (label) => (label === 1 ? 1 : 0))
  if (new Set(split.trainEnds.map((end) => labels[end])).size < 2) return refuse({ kind: 'one-class' })
  const rows = featureRows(filterSpread(spread, variance))
  const inputs = PAIR_FEATURES.length
  const scaler = fitScaler(rows, { inputs, until: trainRows })
  const shape = { inputs, sequence: rules.sequenceBars, hidden: rules.hidden, dropout: rules.dropout }
  const { learningRate, batchWindows, maximumEpochs, patienceEpochs } = rules
  const frame = Float32Array.from(scaled(rows, scaler))
  const job = { shape, frame, labels, ...split, learningRate, batchWindows, maximumEpochs, patienceEpochs, seed }
  const { pair, hedge, halfLifeBars } = input
  const context = {
    pair,
    hedge,
    halfLifeBars,
    seed,
    spread,
    spreadMean,
    spreadDeviation,
    variance,
    scaler,
    shape,
    split,
    labels,
    trainedOn: trainedOn(input),
  }
  return ok({ job, context })
}

/** Mean and standard deviation (n) of the observed values; there are two different ones at least. */
function momentsOf(column: Float64Array): { readonly mean: number; readonly deviation: number } {
  const observed = column.filter(Number.isFinite)
  const mean = observed.reduce((sum, value) => sum + value, 0) / observed.length
  return { mean, deviation: Math.sqrt(observed.reduce((sum, value) => sum + (value - mean) ** 2, 0) / observed.length) }
}

function trainedOn({ feed, timeframe, openedAt, y, x }: TrainingInput): TrainedOn {
  const hash = createHash('sha256')
  for (const column of [openedAt, y, x]) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  const from = epochMs(openedAt[0])
  const until = epochMs(openedAt[openedAt.length - 1])
  return { feed, timeframe, from, until, rows: openedAt.length, dataHash: hash.digest('hex') }
}
