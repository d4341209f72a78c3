import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { loadKernel } from './kernel.file.ts'
import { openPredictor, predictMany, predictOne } from './predict.ts'
import { type EpochLosses, type TrainingJob, train } from './training.ts'

const { kernel } = await loadKernel('simd')
const bytesOf = ({ weights }: { readonly weights: Float32Array }) => Buffer.from(weights.buffer)

/** Noise in two columns; the label says whether the first column rose over the last two rows. */
function job(changes: Partial<TrainingJob> = {}): TrainingJob {
  const random = randomStream(5, 'noise')
  const frame = Float32Array.from({ length: 600 }, random.normal)
  const labels = Uint8Array.from({ length: 300 }, (_, t) => (t > 0 && frame[2 * t] > frame[2 * t - 2] ? 1 : 0))
  const ends = (from: number, until: number) => Int32Array.from({ length: until - from }, (_, i) => from + i)
  return {
    shape: { inputs: 2, sequence: 4, hidden: [8, 8], dropout: 0.1 },
    frame,
    labels,
    trainEnds: ends(3, 200),
    validationEnds: ends(205, 250),
    testEnds: ends(255, 300),
    learningRate: 0.02,
    batchWindows: 16,
    maximumEpochs: 30,
    patienceEpochs: 10,
    seed: 1,
    ...changes,
  }
}

describe('training', () => {
  test('learns what can be learnt, and the test part shows it', () => {
    const { history, bestEpoch, testProbabilities } = train(job(), kernel)
    expect(history[bestEpoch].validationLoss).toBeLessThan(0.35)
    const { labels, testEnds } = job()
    const right = testEnds.filter((end, i) => testProbabilities[i] > 0.5 === (labels[end] === 1)).length
    expect(right / testEnds.length).toBeGreaterThan(0.85)
  })

  test('is the same bytes again for the same job, and others for another seed', () => {
    const short = { maximumEpochs: 3 }
    const first = bytesOf(train(job(short), kernel))
    expect(bytesOf(train(job(short), kernel))).toEqual(first)
    expect(bytesOf(train(job({ ...short, seed: 2 }), kernel))).not.toEqual(first)
  })

  test('keeps the weights of the epoch with the least validation loss, and stops when patience ends', () => {
    // Labels drawn by lot: nothing to learn, so the validation loss soon rises.
    const random = randomStream(8, 'lots')
    const lots = Uint8Array.from({ length: 300 }, () => random.below(2))
    const whole = train(job({ labels: lots, maximumEpochs: 60, patienceEpochs: 4 }), kernel)
    expect(whole.stoppedBecause).toBe('patience')
    expect(whole.history.length).toBe(whole.bestEpoch + 5)
    const least = Math.min(...whole.history.map(({ validationLoss }) => validationLoss))
    expect(whole.history[whole.bestEpoch].validationLoss).toBe(least)
    const untilBest = train(job({ labels: lots, maximumEpochs: whole.bestEpoch + 1 }), kernel)
    expect(bytesOf(untilBest)).toEqual(bytesOf(whole))
    expect(untilBest.testProbabilities).toEqual(whole.testProbabilities)
  })

  test('tells every epoch and stops when asked', () => {
    const told: EpochLosses[] = []
    const watch = { onEpoch: (_: number, losses: EpochLosses) => told.push(losses), shouldStop: () => told.length === 2 }
    const { history, stoppedBecause } = train(job(), kernel, watch)
    expect(stoppedBecause).toBe('asked')
    expect(history).toEqual(told)
    expect(told.length).toBe(2)
  })

  test('says that it diverged when the losses are no numbers', () => {
    const frame = job().frame.map((value, i) => (i === 100 ? Number.NaN : value))
    const { stoppedBecause, bestEpoch } = train(job({ frame }), kernel)
    expect({ stoppedBecause, bestEpoch }).toEqual({ stoppedBecause: 'diverged', bestEpoch: -1 })
  })
})

test('one window by the reference, one by the kernel and many by it have the same probability', () => {
  const { shape, frame, testEnds } = job()
  const { weights, testProbabilities } = train(job({ maximumEpochs: 2 }), kernel)
  const many = predictMany(kernel, { shape, weights }, { frame, ends: testEnds })
  expect(many).toEqual(testProbabilities)
  const predictNext = openPredictor(kernel, { shape, weights })
  testEnds.forEach((end, i) => {
    const window = frame.subarray((end - 3) * 2, (end + 1) * 2)
    expect(predictOne({ shape, weights }, Float64Array.from(window))).toBeCloseTo(many[i], 5)
    expect(predictNext(window)).toBe(many[i])
  })
  expect(predictNext(new Float32Array(8).fill(Number.NaN))).toBeNaN()
})
