import { availableParallelism } from 'node:os'
import { randomStream } from '#domain/random.ts'
import { loadKernel } from '#network/kernel.file.ts'
import type { Kernel } from '#network/kernel.ts'
import { openKernelNetwork } from '#network/kernel-network.ts'
import { openBatchPredictor, openPredictor } from '#network/predict.ts'
import { initialWeights, type NetworkShape } from '#network/shape.ts'
import { type TrainingJob, train } from '#network/training.ts'
import { openTrainingPool } from '#network/training-pool.worker.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const SHAPE: NetworkShape = { inputs: 10, sequence: 10, hidden: [64, 32], dropout: 0.255 }
const WINDOWS = 2000
const BATCH = 32
const ROWS = WINDOWS + SHAPE.sequence - 1
const PAIRS = 20

/** Milliseconds of PyTorch 1.13 on one thread, and of its default DataLoader loop on two: ../shared/reference/README.md. */
const TORCH = { epochMs: 213, loaderMs: [325, 1275], oneMs: 0.28, manyMs: 6 } as const

/** Multiply–adds of one window through the GRU layers, forward. */
const FORWARD = SHAPE.hidden.reduce(
  ({ sum, inputs }, hidden) => ({ sum: sum + SHAPE.sequence * 3 * hidden * (inputs + hidden), inputs: hidden }),
  { sum: 0, inputs: SHAPE.inputs },
).sum

/** The network that a pair is given: training on one thread, several trainings side by side, and inference. */
export const bench: Bench = {
  id: 'gru',
  results: ['gru-epoch', 'gru-infer-1', 'gru-infer-500', 'train-20-pairs'],
  run: async (isWanted): Promise<BenchResult[]> => {
    const { kernel } = await loadKernel('auto')
    const peak = productRate(kernel)
    const parts = [epoch, inferOne, inferMany].filter((_, i) => isWanted(['gru-epoch', 'gru-infer-1', 'gru-infer-500'][i]))
    const alone = parts.map((part) => part(kernel, peak))
    return isWanted('train-20-pairs') ? [...alone, await trainPairs(kernel)] : alone
  },
}

/** Pure noise: how long a training takes does not depend on what there is to learn. */
function jobOf(seed: number, changes: Partial<TrainingJob>): TrainingJob {
  const random = randomStream(seed, 'gru-bench')
  const firstEnd = SHAPE.sequence - 1
  return {
    shape: SHAPE,
    frame: Float32Array.from({ length: ROWS * SHAPE.inputs }, random.normal),
    labels: Uint8Array.from({ length: ROWS }, () => random.below(2)),
    trainEnds: Int32Array.from({ length: WINDOWS }, (_, i) => firstEnd + i),
    validationEnds: Int32Array.of(firstEnd),
    testEnds: Int32Array.of(firstEnd),
    learningRate: 0.001,
    batchWindows: BATCH,
    maximumEpochs: 25,
    patienceEpochs: 1000,
    seed,
    ...changes,
  }
}

function epoch(kernel: Kernel, peak: number): BenchResult {
  const times: number[] = []
  let startedAt = performance.now()
  const onEpoch = () => {
    times.push(performance.now() - startedAt)
    startedAt = performance.now()
  }
  train(jobOf(1, {}), kernel, { onEpoch })
  const value = median(times.slice(3))
  const [least, most] = TORCH.loaderMs.map((ms) => (ms / value).toFixed(1))
  return {
    id: 'gru-epoch',
    size: `10→64→32, ${WINDOWS} windows, batch ${BATCH}`,
    value,
    unit: 'ms',
    peer: 'torch 1.13, one thread, best loop (reference table)',
    ratio: TORCH.epochMs / value,
    // Backward costs two products for each forward one: by the weights and by what they were multiplied with.
    limit: limitOf({ flops: 6 * FORWARD * WINDOWS, value, peak }),
    note: `${least}–${most} × its default DataLoader loop on two threads; ${kernel.kind} kernel, shuffling and one validation window included`,
  }
}

function inferOne(kernel: Kernel, peak: number): BenchResult {
  const predict = openPredictor(kernel, { shape: SHAPE, weights: initialWeights(SHAPE, randomStream(1, 'weights')) })
  const window = Float32Array.from({ length: SHAPE.sequence * SHAPE.inputs }, randomStream(2, 'window').normal)
  const value = medianMs(() => predict(window), 200)
  return {
    id: 'gru-infer-1',
    size: 'one window of 10 × 10',
    value,
    unit: 'ms',
    peer: 'torch 1.13, one thread (reference table)',
    ratio: TORCH.oneMs / value,
    limit: limitOf({ flops: 2 * FORWARD, value, peak }),
    note: 'one row reads each weight once a step, so loads bound it before products do',
  }
}

function inferMany(kernel: Kernel, peak: number): BenchResult {
  const windows = 500
  const { frame } = jobOf(1, {})
  const frameRows = windows + SHAPE.sequence - 1
  const network = { shape: SHAPE, weights: initialWeights(SHAPE, randomStream(1, 'weights')) }
  const predict = openBatchPredictor(kernel, network, { frameRows, windows })
  const given = {
    frame: frame.subarray(0, frameRows * SHAPE.inputs),
    ends: Int32Array.from({ length: windows }, (_, i) => SHAPE.sequence - 1 + i),
  }
  const value = medianMs(() => predict(given), 2)
  return {
    id: 'gru-infer-500',
    size: `${windows} windows of 10 × 10`,
    value,
    unit: 'ms',
    peer: 'torch 1.13, one thread (reference table)',
    ratio: TORCH.manyMs / value,
    limit: limitOf({ flops: 2 * FORWARD * windows, value, peak }),
    note: '128-bit vectors against the 512-bit ones of the peer',
  }
}

async function trainPairs(kernel: Kernel): Promise<BenchResult> {
  const jobs = Array.from({ length: PAIRS }, (_, i) => jobOf(i + 1, { maximumEpochs: 3 }))
  const secondsWith = async (threads: number) => {
    const pool = openTrainingPool({ threads, kernel })
    // The threads start with their first job, and that is no part of the training.
    await Promise.all(Array.from({ length: threads }, () => pool.train(jobOf(99, { maximumEpochs: 1 }))))
    const startedAt = performance.now()
    await Promise.all(jobs.map((job) => pool.train(job)))
    const seconds = (performance.now() - startedAt) / 1000
    await pool.close()
    return seconds
  }
  const rounds: { one: number; two: number }[] = []
  for (let round = 0; round < 3; round++) rounds.push({ one: await secondsWith(1), two: await secondsWith(2) })
  const [one, two] = [median(rounds.map((round) => round.one)), median(rounds.map((round) => round.two))]
  return {
    id: 'train-20-pairs',
    size: `${PAIRS} models, 3 epochs each`,
    value: two,
    unit: 's',
    peer: 'one thread',
    ratio: one / two,
    limit: `${((100 * one) / two / 2).toFixed(0)} % of two cores`,
    note: `${one.toFixed(2)} s on one thread; ${availableParallelism()} processors here`,
  }
}

/**
 * Floating-point operations a millisecond of the kernel's own matrix products, where little else is done: evaluation of a
 * wide layer over many windows. The best of several runs.
 */
function productRate(kernel: Kernel): number {
  const wide: NetworkShape = { inputs: 256, sequence: 8, hidden: [256], dropout: 0 }
  const network = openKernelNetwork(kernel, wide, { batchWindows: BATCH, frameRows: wide.sequence, windows: BATCH })
  network.writeWeights(initialWeights(wide, randomStream(1, 'weights')))
  network.writeWindowEnds(new Int32Array(BATCH).fill(wide.sequence - 1))
  const flops = 2 * BATCH * 3 * 256 * 256 * (2 * wide.sequence - 1)
  const times = timesOf(() => network.evaluate({ first: 0, count: BATCH }), 1)
  return flops / Math.min(...times)
}

function limitOf({ flops, value, peak }: { readonly flops: number; readonly value: number; readonly peak: number }): string {
  const share = (100 * flops) / peak / value
  return `${(flops / value / 1e6).toFixed(1)} GFLOP/s, ${share.toFixed(0)} % of the kernel's products alone (${(peak / 1e6).toFixed(1)})`
}

function medianMs(work: () => unknown, repeats: number): number {
  return median(timesOf(work, repeats))
}

/** Milliseconds of one call, in 31 runs of `repeats` calls after 10 for the engine to warm up. */
function timesOf(work: () => unknown, repeats: number): number[] {
  const times: number[] = []
  for (let run = -10; run < 31; run++) {
    const startedAt = performance.now()
    for (let call = 0; call < repeats; call++) work()
    if (run >= 0) times.push((performance.now() - startedAt) / repeats)
  }
  return times
}
