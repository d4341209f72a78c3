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
 * Probabilities of the windows that end on the rows `ends` of a scaled frame [rows × inputs], by the kernel: [ends],
 * within 1e-5 of `predictOne`.
 */
export function predictMany(
  kernel: Kernel,
  { shape, weights }: Network,
  { frame, ends }: { frame: Float32Array; ends: Int32Array },
): Float64Array {
  const frameRows = frame.length / shape.inputs
  const network = openKernelNetwork(kernel, shape, { batchWindows: BATCH_WINDOWS, frameRows, windows: ends.length })
  network.writeFrame(frame, new Uint8Array(frameRows))
  network.writeWeights(weights)
  return probabilitiesOf(network, ends, BATCH_WINDOWS)
}
