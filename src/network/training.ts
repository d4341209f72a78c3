import { type RandomStream, randomStream } from '#domain/random.ts'
import type { Kernel, KernelKind } from './kernel.ts'
import { type KernelNetwork, openKernelNetwork, type WindowSlice } from './kernel-network.ts'
import { initialWeights, type NetworkShape } from './shape.ts'

/** Everything that a training depends on, beside the kind of kernel. */
export type TrainingJob = {
  readonly shape: NetworkShape
  /** [rows × inputs] row-major, scaled already. */
  readonly frame: Float32Array
  /** [rows] 0 or 1: the label of the window that ends on the row. */
  readonly labels: Uint8Array
  /** Rows on which the windows of each part end; each at least sequence − 1. */
  readonly trainEnds: Int32Array
  readonly validationEnds: Int32Array
  readonly testEnds: Int32Array
  readonly learningRate: number
  /** Windows in a mini-batch. */
  readonly batchWindows: number
  readonly maximumEpochs: number
  /** Epochs without a better validation loss before training stops. */
  readonly patienceEpochs: number
  readonly seed: number
}

/** Mean binary cross-entropy of one epoch: while training (with dropout), and of the validation part after it. */
export type EpochLosses = { readonly trainLoss: number; readonly validationLoss: number }

export type TrainedNetwork = {
  /** Flat, as shape.ts lays them out: those of the epoch with the least validation loss. */
  readonly weights: Float32Array
  readonly history: readonly EpochLosses[]
  /** Counts from 0; −1 when no epoch improved on nothing at all (the losses were not numbers). */
  readonly bestEpoch: number
  /** What the network gives to each window of the test part, in order: [testEnds] probabilities. */
  readonly testProbabilities: Float64Array
  readonly stoppedBecause: 'maximum-epochs' | 'patience' | 'asked' | 'diverged'
  readonly kernel: KernelKind
}

/** `onEpoch` is told each epoch as it ends; `shouldStop` is asked before each. */
export type TrainingWatch = {
  readonly onEpoch?: (epoch: number, losses: EpochLosses) => void
  readonly shouldStop?: () => boolean
}

/**
 * Trains a network from scratch: mini-batches shuffled anew each epoch, dropout between the layers, Adam, early stopping
 * on the validation loss, the best weights restored. All randomness comes from the job's seed, so that for one kind of
 * kernel the result depends on the job alone, byte for byte. A part must not be empty.
 */
export function train(job: TrainingJob, kernel: Kernel, watch: TrainingWatch = {}): TrainedNetwork {
  const network = openFor(job, kernel)
  const course: Course = { bestLoss: Number.POSITIVE_INFINITY, bestEpoch: -1, weights: network.weights(), history: [] }
  const stoppedBecause = runEpochs({ job, network, course, watch })
  network.writeWeights(course.weights)
  const testProbabilities = probabilitiesOf(network, job.testEnds, job.batchWindows)
  const { weights, history, bestEpoch } = course
  return { weights, history, bestEpoch, testProbabilities, stoppedBecause, kernel: kernel.kind }
}

/** How far a training has come, and the best of it. */
type Course = { bestLoss: number; bestEpoch: number; weights: Float32Array; readonly history: EpochLosses[] }

type Run = { readonly job: TrainingJob; readonly network: KernelNetwork; readonly course: Course; readonly watch: TrainingWatch }

function openFor(job: TrainingJob, kernel: Kernel): KernelNetwork {
  const { shape, batchWindows, frame, labels, trainEnds, validationEnds, testEnds } = job
  const windows = Math.max(trainEnds.length, validationEnds.length, testEnds.length)
  const network = openKernelNetwork(kernel, shape, { batchWindows, frameRows: labels.length, windows })
  network.writeFrame(frame, labels)
  network.writeWeights(initialWeights(shape, randomStream(job.seed, 'weights')))
  return network
}

function runEpochs({ job, network, course, watch }: Run): TrainedNetwork['stoppedBecause'] {
  const masks = randomStream(job.seed, 'dropout')
  const steps = { done: 0 }
  for (let epoch = 0; epoch < job.maximumEpochs; epoch++) {
    if (watch.shouldStop?.()) return 'asked'
    const trainLoss = trainEpoch({ job, network, masks, epoch, steps })
    const losses = { trainLoss, validationLoss: meanLoss(network, job.validationEnds, job.batchWindows) }
    course.history.push(losses)
    watch.onEpoch?.(epoch, losses)
    if (Number.isNaN(losses.validationLoss)) return 'diverged'
    if (losses.validationLoss < course.bestLoss) {
      Object.assign(course, { bestLoss: losses.validationLoss, bestEpoch: epoch, weights: network.weights() })
    }
    if (epoch - course.bestEpoch >= job.patienceEpochs) return 'patience'
  }
  return 'maximum-epochs'
}

type EpochRun = {
  readonly job: TrainingJob
  readonly network: KernelNetwork
  readonly masks: RandomStream
  readonly epoch: number
  readonly steps: { done: number }
}

/** One pass over the training part in a new order; returns the mean loss. */
function trainEpoch({ job, network, masks, epoch, steps }: EpochRun): number {
  network.writeWindowEnds(shuffled(job.trainEnds, randomStream(job.seed, 'order', epoch)))
  let loss = 0
  for (const slice of slicesOf(job.trainEnds.length, job.batchWindows)) {
    steps.done++
    loss += network.train(slice, masks.below(2 ** 32), { learningRate: job.learningRate, step: steps.done })
  }
  return loss / job.trainEnds.length
}

/** The same numbers in another order (Fisher–Yates). */
function shuffled(ends: Int32Array, random: RandomStream): Int32Array {
  const order = ends.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  return order
}

/** Consecutive slices of at most `size`, covering `length`. */
function slicesOf(length: number, size: number): WindowSlice[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, length - i * size),
  }))
}

function meanLoss(network: KernelNetwork, ends: Int32Array, batchWindows: number): number {
  network.writeWindowEnds(ends)
  return slicesOf(ends.length, batchWindows).reduce((sum, slice) => sum + network.evaluate(slice), 0) / ends.length
}

/** Probabilities of the windows that end on the rows `ends`, in order, nothing dropped: [ends]. */
export function probabilitiesOf(network: KernelNetwork, ends: Int32Array, batchWindows: number): Float64Array {
  network.writeWindowEnds(ends)
  const probabilities = new Float64Array(ends.length)
  for (const slice of slicesOf(ends.length, batchWindows)) {
    network.evaluate(slice)
    probabilities.set(network.probabilities(slice.count), slice.first)
  }
  return probabilities
}
