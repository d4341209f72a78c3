import { instantiate, type Kernel } from './kernel.ts'
import { gathered, spread } from './kernel-parameters.ts'
import { type KernelPlan, type PlanSizes, planOf } from './kernel-plan.ts'
import { type NetworkShape, parameterCount } from './shape.ts'

const PAGE_BYTES = 65_536

/** Consecutive entries of the window ends that were written last. */
export type WindowSlice = { readonly first: number; readonly count: number }

/** The rate of one step of Adam: `step` counts from 1. */
type AdamStep = { readonly learningRate: number; readonly step: number }

/**
 * One network in memory of its own. Windows are named by the frame row on which they end; `slice` picks among the ends
 * written last, at most `batchWindows` at once.
 */
export type KernelNetwork = {
  /** [rows × inputs] row-major, and one 0/1 label a row. */
  readonly writeFrame: (frame: Float32Array, labels: Uint8Array) => void
  readonly writeWindowEnds: (ends: Int32Array) => void
  /** Flat parameters as `shape.ts` lays them out. */
  readonly writeWeights: (weights: Float32Array) => void
  readonly weights: () => Float32Array
  /** Gradients of the mean loss, laid out as the weights, after `differentiate` or `train`. */
  readonly gradients: () => Float32Array
  /** Probabilities of the windows evaluated last, row by row. */
  readonly probabilities: (count: number) => Float64Array
  /** Summed loss, nothing dropped. */
  readonly evaluate: (slice: WindowSlice) => number
  /** Summed loss with the mask of `maskKey`; leaves gradients. */
  readonly differentiate: (slice: WindowSlice, maskKey: number) => number
  /** As `differentiate`, then one step of Adam. */
  readonly train: (slice: WindowSlice, maskKey: number, adam: AdamStep) => number
}

/** How the kernel draws dropout masks: kept where the hash reaches the threshold, then scaled. */
export function maskRule(dropout: number): { readonly threshold: number; readonly scale: number } {
  return { threshold: Math.floor(dropout * 2 ** 32), scale: 1 / (1 - dropout) }
}

/** Lays a network out in fresh memory of the kernel. All parameters and moments of Adam are zero at first. */
export function openKernelNetwork(kernel: Kernel, shape: NetworkShape, sizes: PlanSizes): KernelNetwork {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const exports = instantiate(kernel, memory)
  const plan = planOf(shape, sizes, exports.firstFreeByte())
  memory.grow(Math.ceil(plan.bytes / PAGE_BYTES))
  new Int32Array(memory.buffer, plan.address, plan.words.length).set(plan.words)
  const floatsAt = (address: number) => new Float32Array(memory.buffer, address, plan.padded.count)
  const count = parameterCount(shape)
  const { threshold, scale } = maskRule(shape.dropout)
  return {
    writeFrame: (frame, labels) => writeFrame(memory, plan, { frame, labels, inputs: shape.inputs }),
    writeWindowEnds: (ends) => new Int32Array(memory.buffer, plan.windowEnds, sizes.windows).set(ends),
    writeWeights: (weights) => {
      spread(weights, plan.padded, floatsAt(plan.parameters))
      exports.packWeights(plan.address)
    },
    weights: () => gathered(floatsAt(plan.parameters), plan.padded, count),
    gradients: () => gathered(floatsAt(plan.gradients), plan.padded, count),
    probabilities: (windows) => new Float64Array(memory.buffer, plan.probabilities, windows).slice(),
    evaluate: ({ first, count: windows }) => exports.evaluate(plan.address, first, windows),
    differentiate: ({ first, count: windows }, maskKey) =>
      exports.differentiate(plan.address, first, windows, maskKey, threshold, scale),
    train: ({ first, count: windows }, maskKey, { learningRate, step }) => {
      const stepSize = learningRate / (1 - 0.9 ** step)
      const rootScale = 1 / Math.sqrt(1 - 0.999 ** step)
      return exports.train(plan.address, first, windows, maskKey, threshold, scale, stepSize, rootScale)
    },
  }
}

type Frame = { readonly frame: Float32Array; readonly labels: Uint8Array; readonly inputs: number }

function writeFrame(memory: WebAssembly.Memory, plan: KernelPlan, { frame, labels, inputs }: Frame): void {
  const rows = frame.length / inputs
  const padded = new Float32Array(memory.buffer, plan.frame, rows * plan.frameColumns)
  for (let row = 0; row < rows; row++) {
    padded.set(frame.subarray(row * inputs, (row + 1) * inputs), row * plan.frameColumns)
  }
  new Uint8Array(memory.buffer, plan.labels, rows).set(labels)
}
