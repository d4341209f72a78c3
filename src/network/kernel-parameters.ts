import { type LayerLayout, layoutOf, type NetworkShape } from './shape.ts'

/** A matrix of the flat parameters and where its padded copy stands in the kernel; offsets in elements. */
type ParameterBlock = {
  readonly flat: number
  readonly padded: number
  readonly rows: number
  readonly columns: number
  readonly paddedColumns: number
}

/** Where one layer's padded parameters begin, in elements. */
type PaddedLayer = {
  readonly inputWeights: number
  readonly hiddenWeights: number
  readonly inputBias: number
  readonly hiddenBias: number
}

/** The parameters as the kernel holds them: every size padded with zeros to a multiple of 8. */
export type PaddedParameters = {
  readonly blocks: readonly ParameterBlock[]
  readonly layers: readonly PaddedLayer[]
  readonly denseWeights: number
  readonly denseBias: number
  readonly count: number
}

/** The least multiple of `multiple` that is at least `n`. */
export function paddedTo(multiple: number, n: number): number {
  return Math.ceil(n / multiple) * multiple
}

/**
 * How the flat parameters of a network are spread out for the kernel. Input weights keep the gate order r, z, n; hidden
 * weights stand as n, r, z, so that the gates that the two share are neighbours in the kernel's gate buffer.
 */
export function paddedParameters(shape: NetworkShape): PaddedParameters {
  const layout = layoutOf(shape)
  const blocks: ParameterBlock[] = []
  let next = 0
  const place = (flat: number, { rows, columns, paddedRows }: Matrix) => {
    const at = next
    const paddedColumns = paddedTo(8, columns)
    blocks.push({ flat, padded: at, rows, columns, paddedColumns })
    next += paddedRows * paddedColumns
    return at
  }
  const layers = layout.layers.map((layer) => placeLayer(layer, place))
  const denseWeights = place(layout.denseWeights, vector(shape.hidden[shape.hidden.length - 1]))
  const denseBias = place(layout.denseBias, vector(1))
  return { blocks, layers, denseWeights, denseBias, count: next }
}

type Matrix = { readonly rows: number; readonly columns: number; readonly paddedRows: number }
type Place = (flat: number, matrix: Matrix) => number

const vector = (columns: number): Matrix => ({ rows: 1, columns, paddedRows: 1 })

const INPUT_ORDER = [0, 1, 2] as const
const HIDDEN_ORDER = [2, 0, 1] as const

function placeLayer({ inputs, hidden, ...flat }: LayerLayout, place: Place): PaddedLayer {
  const gates = (order: readonly number[], from: number, gate: Matrix) => {
    const [first] = order.map((g) => place(from + g * gate.rows * gate.columns, gate))
    return first
  }
  const weights = (columns: number): Matrix => ({ rows: hidden, columns, paddedRows: paddedTo(8, hidden) })
  return {
    inputWeights: gates(INPUT_ORDER, flat.inputWeights, weights(inputs)),
    hiddenWeights: gates(HIDDEN_ORDER, flat.hiddenWeights, weights(hidden)),
    inputBias: gates(INPUT_ORDER, flat.inputBias, vector(hidden)),
    hiddenBias: gates(HIDDEN_ORDER, flat.hiddenBias, vector(hidden)),
  }
}

/** Writes flat parameters to their padded places; the padding itself is left as it is. */
export function spread(flat: Float32Array, { blocks }: PaddedParameters, padded: Float32Array): void {
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row++) {
      const from = block.flat + row * block.columns
      padded.set(flat.subarray(from, from + block.columns), block.padded + row * block.paddedColumns)
    }
  }
}

/** The flat parameters (or gradients) that stand in their padded places. */
export function gathered(padded: Float32Array, { blocks }: PaddedParameters, count: number): Float32Array {
  const flat = new Float32Array(count)
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row++) {
      const from = block.padded + row * block.paddedColumns
      flat.set(padded.subarray(from, from + block.columns), block.flat + row * block.columns)
    }
  }
  return flat
}
