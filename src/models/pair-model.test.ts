import { describe, expect, test } from 'vitest'
import type { PriceColumn } from '#domain/units.ts'
import { loadKernel } from '#network/kernel.file.ts'
import { train } from '#network/training.ts'
import { assemblePairModel } from './assemble-pair-model.ts'
import { examplePair, TRADING } from './example-pair.ts'
import { forecast } from './forecast.ts'
import { contentHash, fromJson, type PairModel, toJson } from './pair-model.ts'
import { type Prepared, prepareTraining, type TrainingInput } from './training-set.ts'

const { kernel } = await loadKernel('simd')
const input = examplePair()

function prepared(changed: TrainingInput = input): Prepared {
  const outcome = prepareTraining(changed)
  if (!outcome.ok) throw new Error(outcome.why.kind)
  return outcome.value
}

function modelOf(prepared: Prepared): PairModel {
  return assemblePairModel(prepared.context, train(prepared.job, kernel), TRADING)
}

const model = modelOf(prepared())
const withPrice = (column: PriceColumn, row: number, price: number) =>
  column.map((value, t) => (t === row ? price : value)) as PriceColumn

describe('preparing a training', () => {
  test('nothing that is fitted depends on rows after the training part', () => {
    const before = prepared()
    const lastTrainRow = before.job.trainEnds[before.job.trainEnds.length - 1]
    // One row more belongs to the label of the last training window.
    const y = input.y.map((price, t) => (t > lastTrainRow + 1 ? price * (1 + 0.01 * (t % 3)) : price)) as PriceColumn
    const after = prepared({ ...input, y })
    const fitted = ({ context: { spreadMean, spreadDeviation, variance, scaler } }: Prepared) => ({
      spreadMean,
      spreadDeviation,
      variance,
      scaler,
    })
    expect(fitted(after)).toEqual(fitted(before))
    const trainCells = (lastTrainRow + 1) * before.job.shape.inputs
    expect(after.job.frame.subarray(0, trainCells)).toEqual(before.job.frame.subarray(0, trainCells))
    expect(after.job.labels.subarray(0, lastTrainRow + 1)).toEqual(before.job.labels.subarray(0, lastTrainRow + 1))
  })

  test('a missing price takes out every window that touches it, and leaves no NaN in the others', () => {
    const { job } = prepared({ ...input, x: withPrice(input.x, 300, Number.NaN) })
    const { inputs, sequence } = job.shape
    const ends = [...job.trainEnds, ...job.validationEnds, ...job.testEnds]
    for (const end of ends) {
      expect(job.frame.subarray((end - sequence + 1) * inputs, (end + 1) * inputs).every(Number.isFinite)).toBe(true)
    }
    // The mean over 20 rows reaches furthest back; the label looks one row ahead.
    const nearest = { before: Math.max(...ends.filter((end) => end < 300)), after: Math.min(...ends.filter((end) => end >= 300)) }
    expect(nearest).toEqual({ before: 298, after: 300 + 20 + sequence - 1 })
  })

  test('what cannot be trained is refused by its name', () => {
    const rows = (count: number) => ({
      openedAt: input.openedAt.subarray(0, count) as TrainingInput['openedAt'],
      y: input.y.subarray(0, count) as PriceColumn,
      x: input.x.subarray(0, count) as PriceColumn,
    })
    const why = (changes: Partial<TrainingInput>) => {
      const outcome = prepareTraining({ ...input, ...changes })
      return outcome.ok ? undefined : outcome.why.kind
    }
    expect(why(rows(100))).toBe('too-few-windows')
    expect(why(rows(0))).toBe('too-few-windows')
    const still = new Float64Array(600).fill(50) as PriceColumn
    expect(why({ y: still, x: still })).toBe('too-few-windows')
  })
})

describe('a pair model', () => {
  test('is scored on the test part, beside what always saying yes would reach', () => {
    const { scores, training } = model
    expect(scores.testWindows).toBe(prepared().job.testEnds.length)
    expect([scores.f1, scores.auc, scores.accuracy, scores.alwaysRevert.f1].map(({ kind }) => kind)).toEqual(
      Array(4).fill('measured'),
    )
    expect(training.validationLoss.length).toBe(4)
  })

  test('is not made of a network that diverged', () => {
    const { context, job } = prepared()
    const trained = { ...train(job, kernel), bestEpoch: -1 }
    expect(() => assemblePairModel(context, trained, TRADING)).toThrow(expect.objectContaining({ code: 'TRAINING_DIVERGED' }))
  })

  test('comes back from its stored form as it went, and so does its hash', () => {
    const stored = toJson(model)
    const back = fromJson({ json: JSON.parse(JSON.stringify(stored.json)), weights: stored.weights.slice() })
    expect(back).toEqual(model)
    expect(contentHash(toJson(back))).toBe(contentHash(stored))
    const other = toJson({ ...model, weights: model.weights.map((weight, i) => (i === 0 ? weight + 1 : weight)) })
    expect(contentHash(other)).not.toBe(contentHash(stored))
  })

  test.each([
    ['weights are cut short', (stored: ReturnType<typeof toJson>) => ({ ...stored, weights: stored.weights.subarray(4) })],
    [
      'a number is missing',
      ({ json, weights }: ReturnType<typeof toJson>) => ({ json: { ...Object(json), spreadMean: null }, weights }),
    ],
    [
      'the network is huge',
      ({ json, weights }: ReturnType<typeof toJson>) => ({
        json: { ...Object(json), shape: { ...model.shape, hidden: [1e6] } },
        weights,
      }),
    ],
    [
      'a score is unknown',
      ({ json, weights }: ReturnType<typeof toJson>) => ({ json: { ...Object(json), scores: {} }, weights }),
    ],
  ])('is not read when %s', (_, spoilt) => {
    expect(() => fromJson(spoilt(toJson(model)))).toThrow(expect.objectContaining({ code: 'MODEL_UNREADABLE' }))
  })
})

describe('a forecast', () => {
  const upTo = (rows: number, column: PriceColumn = input.y) => column.subarray(0, rows) as PriceColumn

  test('is what the trained network says of the same window in its training frame', () => {
    const { job, context } = prepared()
    const { testProbabilities } = train(job, kernel)
    context.split.testEnds.forEach((end, i) => {
      const { probability } = forecast(model, upTo(end + 1), upTo(end + 1, input.x))
      expect(probability.ok && probability.value).toBeCloseTo(testProbabilities[i], 5)
    })
  })

  test('says too few bars, and gap, instead of a number', () => {
    expect(forecast(model, upTo(23), upTo(23, input.x)).probability).toEqual({
      ok: false,
      why: { kind: 'too-few-bars', rows: 23, needed: 24 },
    })
    expect(forecast(model, upTo(24), upTo(24, input.x)).probability.ok).toBe(true)
    const gap = forecast(model, withPrice(input.y, 590, Number.NaN), input.x)
    expect(gap.probability).toEqual({ ok: false, why: { kind: 'gap' } })
  })

  test('has a volatility of the size of the next change, and none without a GARCH fit', () => {
    const { volatility } = forecast(model, input.y, input.x)
    expect(volatility).toBeGreaterThan(0.0003)
    expect(volatility).toBeLessThan(0.003)
    const constant = { ...model, variance: { ...model.variance, kind: 'constant', why: 'GARCH(1,1): not-converged' } } as const
    expect(forecast(constant, input.y, input.x).volatility).toBeUndefined()
  })

  test('is the same number when both legs are priced in cents', () => {
    // α takes up the change of unit: ln(100 y) = α + (1 − β) ln 100 + β ln(100 x) + spread.
    const cents = (column: PriceColumn) => column.map((price) => price * 100) as PriceColumn
    const { alpha, beta } = model.hedge
    const inCents = { ...model, hedge: { alpha: alpha + (1 - beta) * Math.log(100), beta } }
    const [dollars, other] = [forecast(model, input.y, input.x), forecast(inCents, cents(input.y), cents(input.x))]
    expect(other.probability.ok && other.probability.value).toBeCloseTo(
      dollars.probability.ok ? dollars.probability.value : Number.NaN,
      9,
    )
  })
})
