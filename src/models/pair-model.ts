import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Feed, Timeframe } from '#domain/bars.ts'
import { Fault } from '#domain/fault.ts'
import { nameOf, type Pair } from '#domain/pair.ts'
import { symbolFrom } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { KernelKind } from '#network/kernel.ts'
import { type NetworkShape, parameterCount } from '#network/shape.ts'
import type { TrainedNetwork } from '#network/training.ts'
import type { GarchParameters } from '#statistics/garch.ts'
import { canonicalJson } from './canonical-json.ts'
import type { ModelScores } from './scores.ts'
import { ScoresJson, scoresToJson } from './scores-json.ts'

/**
 * How the variance of the spread's changes goes on from bar to bar. `constant`: the GARCH fit failed for the reason given,
 * and the features take one variance for all bars (omega, with alpha = beta = 0); such a model forecasts no volatility.
 */
export type VarianceModel =
  | { readonly kind: 'garch'; readonly parameters: GarchParameters }
  | { readonly kind: 'constant'; readonly parameters: GarchParameters; readonly why: string }

/** Mean and deviation of each feature over the training rows: a scaled feature is (x − mean) / deviation. */
export type Scaler = { readonly mean: readonly number[]; readonly deviation: readonly number[] }

/** The bars that a model was made from: those that opened in [from, until]. */
export type TrainedOn = {
  readonly feed: Feed
  readonly timeframe: Timeframe
  readonly from: EpochMs
  readonly until: EpochMs
  readonly rows: number
  /** Of times and closes, sha256 in hexadecimal. */
  readonly dataHash: string
}

/** How the training went, epoch by epoch. */
type TrainingCourse = {
  readonly trainLoss: readonly number[]
  readonly validationLoss: readonly number[]
  /** Counts from 0. */
  readonly bestEpoch: number
  readonly stoppedBecause: TrainedNetwork['stoppedBecause']
  readonly trainWindows: number
  readonly validationWindows: number
}

/** Everything that is needed to forecast one pair, and to say where the forecast comes from. */
export type PairModel = {
  readonly pair: Pair
  readonly hedge: { readonly alpha: number; readonly beta: number }
  /** Mean and standard deviation of the spread over the training rows, in log dollars. */
  readonly spreadMean: number
  readonly spreadDeviation: number
  readonly halfLifeBars: number
  readonly variance: VarianceModel
  readonly scaler: Scaler
  readonly shape: NetworkShape
  /** Flat, as network/shape.ts lays them out. */
  readonly weights: Float32Array
  readonly scores: ModelScores
  readonly training: TrainingCourse
  readonly trainedOn: TrainedOn
  readonly seed: number
  readonly kernel: KernelKind
}

/** A model as it is stored: JSON for everything but the weights, which are little-endian float32. */
export type StoredPairModel = { readonly json: unknown; readonly weights: Uint8Array }

const finite = z.number().refine(Number.isFinite)
const positive = finite.positive()
const symbol = z.string().transform((text, issues) => {
  const found = symbolFrom(text)
  if (found === undefined) issues.addIssue('not a symbol')
  return found ?? z.NEVER
})
const instant = z.int().transform(epochMs)
const column = z.array(finite).max(64)
const losses = z.array(finite).max(10_000)
const garchParameters = z.object({
  mu: finite,
  omega: positive,
  alpha: finite.min(0),
  beta: finite.min(0),
  initialVariance: positive,
})

const PairModelJson = z.object({
  pair: z.object({ y: symbol, x: symbol }),
  hedge: z.object({ alpha: finite, beta: finite }),
  spreadMean: finite,
  spreadDeviation: positive,
  halfLifeBars: positive,
  variance: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('garch'), parameters: garchParameters }),
    z.object({ kind: z.literal('constant'), parameters: garchParameters, why: z.string().max(200) }),
  ]),
  scaler: z.object({ mean: column, deviation: column }),
  shape: z.object({
    inputs: z.int().min(1).max(64),
    sequence: z.int().min(1).max(1000),
    hidden: z.array(z.int().min(1).max(1024)).min(1).max(8),
    dropout: z.number().min(0).lt(1),
  }),
  scores: ScoresJson,
  training: z.object({
    trainLoss: losses,
    validationLoss: losses,
    bestEpoch: z.int().min(0),
    stoppedBecause: z.enum(['maximum-epochs', 'patience', 'asked', 'diverged']),
    trainWindows: z.int().min(0),
    validationWindows: z.int().min(0),
  }),
  trainedOn: z.object({
    feed: z.string().max(100),
    timeframe: z.enum(['1m', '5m', '15m', '1h', '1d']),
    from: instant,
    until: instant,
    rows: z.int().min(0),
    dataHash: z.string().max(100),
  }),
  seed: z.int(),
  kernel: z.enum(['relaxed', 'simd']),
})

/** The model as it is stored. */
export function toJson({ weights, scores, ...model }: PairModel): StoredPairModel {
  return { json: { ...model, scores: scoresToJson(scores) }, weights: bytesOf(weights) }
}

/** The model that was stored. Throws MODEL_UNREADABLE for anything but what `toJson` writes. */
export function fromJson({ json, weights }: StoredPairModel): PairModel {
  const parsed = PairModelJson.safeParse(json)
  if (!parsed.success) throw unreadable(z.prettifyError(parsed.error))
  const { shape, scaler, pair } = parsed.data
  const expected = parameterCount(shape) * 4
  if (weights.byteLength !== expected) {
    throw unreadable(`the weights of ${nameOf(pair)} are ${weights.byteLength} bytes where its shape asks for ${expected}`)
  }
  if (scaler.mean.length !== shape.inputs || scaler.deviation.length !== shape.inputs) {
    throw unreadable(`the scaler of ${nameOf(pair)} does not have one mean and deviation for each of ${shape.inputs} inputs`)
  }
  return { ...parsed.data, weights: floatsOf(weights) }
}

/** sha256 over the model's canonical JSON and its weights, in hexadecimal: the same model has the same hash everywhere. */
export function contentHash({ json, weights }: StoredPairModel): string {
  return createHash('sha256').update(canonicalJson(json)).update('\u0000').update(weights).digest('hex')
}

function unreadable(why: string): Fault {
  return new Fault('MODEL_UNREADABLE', `A stored pair model cannot be read (${why}): train the pair again.`)
}

function bytesOf(weights: Float32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(weights.length * 4))
  weights.forEach((weight, i) => {
    bytes.setFloat32(4 * i, weight, true)
  })
  return new Uint8Array(bytes.buffer)
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
}
