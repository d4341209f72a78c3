import { type PaddedParameters, paddedParameters, paddedTo } from './kernel-parameters.ts'
import type { NetworkShape } from './shape.ts'

/** How much one network's memory must hold beside its parameters. */
export type PlanSizes = {
  /** Most windows in one call. */
  readonly batchWindows: number
  /** Rows of the frame that windows are cut from. */
  readonly frameRows: number
  /** Most window ends written at once. */
  readonly windows: number
}

/** One network laid out in a kernel's memory. Addresses and sizes are in bytes. */
export type KernelPlan = {
  /** Where `words` belongs. */
  readonly address: number
  /** The table of assembly/plan.ts. */
  readonly words: Int32Array
  readonly bytes: number
  readonly padded: PaddedParameters
  readonly parameters: number
  readonly gradients: number
  readonly moments: number
  readonly frame: number
  readonly frameColumns: number
  readonly windowEnds: number
  readonly labels: number
  readonly probabilities: number
}

const HEADER_WORDS = 20
const LAYER_WORDS = 20
const FLOAT = 4
const DOUBLE = 8

/** Hands out addresses one behind the other, each a multiple of 64 bytes (a cache line). */
type Take = (bytes: number) => number

function allocator(start: number): { readonly take: Take; readonly used: () => number } {
  let next = paddedTo(64, start)
  const take = (bytes: number) => {
    const address = next
    next += paddedTo(64, bytes)
    return address
  }
  return { take, used: () => next }
}

/**
 * Lays one network out in memory: sizes padded (columns to 8, batch rows to 4 unless there is one), then the address of every buffer, in the
 * order in which assembly/plan.ts reads them, all from byte `start` on. All memory is zero at first and the padding stays zero.
 */
export function planOf(shape: NetworkShape, sizes: PlanSizes, start: number): KernelPlan {
  const { take, used } = allocator(start)
  const rows = rowsFor(sizes.batchWindows)
  const padded = paddedParameters(shape)
  const frameColumns = paddedTo(8, shape.inputs)
  const widest = Math.max(frameColumns, ...shape.hidden.map((units) => paddedTo(8, units)))
  const address = take((HEADER_WORDS + LAYER_WORDS * shape.hidden.length) * FLOAT)
  const parameters = take(padded.count * FLOAT)
  const gradients = take(padded.count * FLOAT)
  const moments = take(2 * padded.count * FLOAT)
  const frame = take(sizes.frameRows * frameColumns * FLOAT)
  const windowEnds = take(sizes.windows * FLOAT)
  const labels = take(sizes.frameRows)
  const probabilities = take(rows * DOUBLE)
  const header = [
    shape.sequence,
    rows,
    shape.hidden.length,
    padded.count,
    parameters,
    gradients,
    moments,
    moments + padded.count * FLOAT,
    frame,
    frameColumns,
    windowEnds,
    labels,
    probabilities,
    parameters + padded.denseWeights * FLOAT,
    parameters + padded.denseBias * FLOAT,
    gradients + padded.denseWeights * FLOAT,
    gradients + padded.denseBias * FLOAT,
    take(rows * widest * FLOAT),
    address + HEADER_WORDS * FLOAT,
    take(widest * FLOAT),
  ]
  const layers = layerWords(shape, { rows, padded, parameters, gradients, take })
  const words = Int32Array.from([...header, ...layers])
  return {
    address,
    words,
    bytes: used(),
    padded,
    parameters,
    gradients,
    moments,
    frame,
    frameColumns,
    windowEnds,
    labels,
    probabilities,
  }
}

/** Rows of a mini-batch: the kernel takes one, or four at a time. */
function rowsFor(batchWindows: number): number {
  return batchWindows === 1 ? 1 : paddedTo(4, batchWindows)
}

type LayerSurroundings = {
  readonly rows: number
  readonly padded: PaddedParameters
  readonly parameters: number
  readonly gradients: number
  readonly take: Take
}

/** The 20 words of every layer, first to last. */
function layerWords(shape: NetworkShape, { rows, padded, parameters, gradients, take }: LayerSurroundings): number[] {
  const cells = shape.sequence * rows
  return shape.hidden.flatMap((hidden, i) => {
    const inputs = i === 0 ? shape.inputs : shape.hidden[i - 1]
    const columns = paddedTo(8, inputs)
    const units = paddedTo(8, hidden)
    const { inputWeights, hiddenWeights, inputBias, hiddenBias } = padded.layers[i]
    const tensors = [inputWeights, hiddenWeights, inputBias, hiddenBias]
    const isTop = i === shape.hidden.length - 1
    return [
      columns,
      paddedTo(4, inputs),
      units,
      ...tensors.map((offset) => parameters + offset * FLOAT),
      ...tensors.map((offset) => gradients + offset * FLOAT),
      take(3 * units * columns * FLOAT),
      take(3 * units * units * FLOAT),
      take(3 * units * columns * FLOAT),
      take(3 * units * units * FLOAT),
      take(4 * units * FLOAT),
      take(cells * 4 * units * FLOAT),
      take((cells + rows) * units * FLOAT),
      // Nothing lies above the top layer, and no buffer at address 0.
      isTop ? 0 : take(cells * units * FLOAT),
      take(cells * columns * FLOAT),
    ]
  })
}
