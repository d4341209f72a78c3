import type { RandomStream } from '#domain/random.ts'

/**
 * The network: GRU layers of `hidden` units over windows of `sequence` rows × `inputs` columns, dropout between the
 * layers, one dense unit on the last step of the last layer, sigmoid.
 */
export type NetworkShape = {
  readonly inputs: number
  readonly sequence: number
  /** Units of each GRU layer, first to last; at least one layer. */
  readonly hidden: readonly number[]
  /** Fraction of a layer's outputs dropped on their way to the next layer while training, in [0, 1). */
  readonly dropout: number
}

/** Where one GRU layer's parameters stand in the flat array, in elements. Rows of a weight are gate-major: r, z, n. */
export type LayerLayout = {
  readonly inputs: number
  readonly hidden: number
  /** [3·hidden × inputs], row-major. */
  readonly inputWeights: number
  /** [3·hidden × hidden], row-major. */
  readonly hiddenWeights: number
  /** [3·hidden] each. */
  readonly inputBias: number
  readonly hiddenBias: number
}

/** Where every parameter stands in the flat Float32Array of a network. */
export type ParameterLayout = {
  readonly layers: readonly LayerLayout[]
  /** [hidden of the last layer]. */
  readonly denseWeights: number
  /** [1]. */
  readonly denseBias: number
  readonly count: number
}

/**
 * The flat layout of a network's parameters: layer after layer its input weights, hidden weights, input bias and hidden
 * bias, then the dense weights and the dense bias. Gate order r, z, n and row-major weights, as PyTorch's `nn.GRU`.
 */
export function layoutOf(shape: NetworkShape): ParameterLayout {
  let next = 0
  const take = (length: number) => {
    const offset = next
    next += length
    return offset
  }
  const layers = shape.hidden.map((hidden, i) => layerLayout(i === 0 ? shape.inputs : shape.hidden[i - 1], hidden, take))
  const denseWeights = take(shape.hidden[shape.hidden.length - 1])
  const denseBias = take(1)
  return { layers, denseWeights, denseBias, count: next }
}

function layerLayout(inputs: number, hidden: number, take: (length: number) => number): LayerLayout {
  return {
    inputs,
    hidden,
    inputWeights: take(3 * hidden * inputs),
    hiddenWeights: take(3 * hidden * hidden),
    inputBias: take(3 * hidden),
    hiddenBias: take(3 * hidden),
  }
}

/** How many parameters the network has. */
export function parameterCount(shape: NetworkShape): number {
  return layoutOf(shape).count
}

/**
 * First parameters, [parameterCount]: each uniform in ±1/√hidden of its layer, the dense unit in ±1/√(units of the last
 * layer), drawn in the order of the layout, as PyTorch initialises `nn.GRU` and `nn.Linear`.
 */
export function initialWeights(shape: NetworkShape, random: RandomStream): Float32Array {
  const { layers, denseWeights, count } = layoutOf(shape)
  const weights = new Float32Array(count)
  const fill = (from: number, until: number, units: number) => {
    const bound = 1 / Math.sqrt(units)
    for (let i = from; i < until; i++) weights[i] = (2 * random.uniform() - 1) * bound
  }
  for (const { inputWeights, hiddenBias, hidden } of layers) fill(inputWeights, hiddenBias + 3 * hidden, hidden)
  fill(denseWeights, count, count - 1 - denseWeights)
  return weights
}
