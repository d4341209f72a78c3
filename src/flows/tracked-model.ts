import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { canonicalJson } from '#models/canonical-json.ts'
import { mlmodelFiles } from '#models/mlmodel.ts'
import { type PairModel, toJson } from '#models/pair-model.ts'
import { encodeOnnx } from '#network/onnx-export.ts'
import type { Measure } from '#statistics/measure.ts'
import type { TrackedMetric } from '#tracking/tracked-metric.ts'

/** A model as a tracking server keeps it: what it was made with, how its training went, how it scored, and the model itself. */
export type TrackedModel = {
  readonly params: Readonly<Record<string, string>>
  readonly metrics: readonly TrackedMetric[]
  readonly tags: Readonly<Record<string, string>>
  readonly artifacts: readonly { readonly path: string; readonly body: Uint8Array }[]
}

type Place = { readonly book: Book; readonly day: SessionDate; readonly contentHash: string; readonly at: EpochMs }

/** What is told of `model`. A score without a value is not among the metrics; its reason is a tag. */
export function trackedModel(model: PairModel, { book, day, contentHash, at }: Place): TrackedModel {
  const { testWindows, trades, alwaysRevert, ...measures } = model.scores
  const scores = Object.entries({ ...measures, alwaysRevertF1: alwaysRevert.f1, alwaysRevertAccuracy: alwaysRevert.accuracy })
  const metric = (key: string, value: number, step = 0): TrackedMetric => ({ key, value, step, at })
  return {
    params: paramsOf(model),
    metrics: [
      ...model.training.trainLoss.map((loss, epoch) => metric('train_loss', loss, epoch)),
      ...model.training.validationLoss.map((loss, epoch) => metric('validation_loss', loss, epoch)),
      ...scores.flatMap(([key, score]) => (score.kind === 'measured' ? [metric(key, score.value)] : [])),
      metric('test_windows', testWindows),
      metric('trades', trades),
    ],
    tags: { book, day, content_hash: contentHash, ...missing(scores) },
    artifacts: artifactsOf(model, { contentHash, at }),
  }
}

function missing(scores: readonly (readonly [string, Measure])[]): Record<string, string> {
  return Object.fromEntries(scores.flatMap(([key, score]) => (score.kind === 'undefined' ? [[`no_${key}`, score.why]] : [])))
}

function paramsOf({ pair, hedge, halfLifeBars, shape, seed, kernel, trainedOn, training }: PairModel): Record<string, string> {
  const params = {
    y: pair.y,
    x: pair.x,
    hedge_ratio: hedge.beta,
    intercept: hedge.alpha,
    half_life_bars: halfLifeBars,
    hidden: shape.hidden.join(','),
    sequence_bars: shape.sequence,
    dropout: shape.dropout,
    seed,
    kernel,
    feed: trainedOn.feed,
    timeframe: trainedOn.timeframe,
    from: isoFrom(trainedOn.from),
    until: isoFrom(trainedOn.until),
    data_hash: trainedOn.dataHash,
    best_epoch: training.bestEpoch,
    stopped_because: training.stoppedBecause,
  }
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]))
}

function artifactsOf(model: PairModel, named: Pick<Place, 'contentHash' | 'at'>): TrackedModel['artifacts'] {
  const { json, weights } = toJson(model)
  return [
    { path: 'model/model.json', body: new TextEncoder().encode(canonicalJson(json)) },
    { path: 'model/weights.f32', body: weights },
    { path: 'model/model.onnx', body: encodeOnnx(model) },
    ...mlmodelFiles(model.shape, { path: 'model', ...named }).map(({ name, body }) => ({ path: `model/${name}`, body })),
  ]
}
