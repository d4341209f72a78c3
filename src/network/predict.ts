import type { Probability } from '#domain/units.ts'
import type { Kernel } from './kernel.ts'
import { openKernelNetwork } from './kernel-network.ts'
import { probabilityOf } from './reference.ts'
import type { NetworkShape } from './shape.ts'
import { probabilitiesOf } from './training.ts'

const BATCH_WINDOWS = 32

/** A trained network. `weights` are flat, as shape.ts lays them out. */
export type Network = { readonly shape: NetworkShape; readonly weights: Float32Array }

/**
 * The probability of one window [sequence × inputs], row-major and scaled, in plain float64: it needs no kernel and is the
 * same on every machine that runs the same engine. NaN when the window holds one.
 */
export function predictOne({ shape, weights }: Network, window: Float64Array): Probability {
  return probabilityOf(shape, weights, window) as Probability
}

/**
 * Lays a network out in a kernel's memory for one window after another: the answer gives the probability of a window
 * [sequence × inputs], row-major and scaled, within 1e-5 of `predictOne`. NaN when the window holds one.
 */
export function openPredictor(kernel: Kernel, { shape, weights }: Network): (window: Float32Array) => Probability {
  const sizes = { batchWindows: 1, frameRows: shape.sequence, windows: 1 }
  const network = openKernelNetwork(kernel, shape, sizes)
  const noLabels = new Uint8Array(shape.sequence)
  network.writeWeights(weights)
  network.writeWindowEnds(Int32Array.of(shape.sequence - 1))
  return (window) => {
    network.writeFrame(window, noLabels)
    network.evaluate({ first: 0, count: 1 })
    const [probability] = network.probabilities(1)
    return probability as Probability
  }
}

/** A scaled frame [rows × inputs] and the rows on which its windows end. */
export type FramedWindows = { readonly frame: Float32Array; readonly ends: Int32Array }

/**
 * Lays a network out in a kernel's memory for many windows at a time, of frames of at most `frameRows` rows: the answer
 * gives the probabilities of at most `windows` windows, [ends], within 1e-5 of `predictOne`.
 */
export function openBatchPredictor(
  kernel: Kernel,
  { shape, weights }: Network,
  { frameRows, windows }: { readonly frameRows: number; readonly windows: number },
): (given: FramedWindows) => Float64Array {
  const network = openKernelNetwork(kernel, shape, { batchWindows: BATCH_WINDOWS, frameRows, windows })
  const noLabels = new Uint8Array(frameRows)
  network.writeWeights(weights)
  return ({ frame, ends }) => {
    network.writeFrame(frame, noLabels.subarray(0, frame.length / shape.inputs))
    return probabilitiesOf(network, ends, BATCH_WINDOWS)
  }
}

/** As `openBatchPredictor`, for one frame. */
export function predictMany(kernel: Kernel, network: Network, given: FramedWindows): Float64Array {
  const sizes = { frameRows: given.frame.length / network.shape.inputs, windows: given.ends.length }
  return openBatchPredictor(kernel, network, sizes)(given)
}
