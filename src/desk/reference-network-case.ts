import { z } from 'zod'
import type { Kernel } from '#network/kernel.ts'
import { type KernelNetwork, openKernelNetwork } from '#network/kernel-network.ts'
import type { Example } from '#network/reference.ts'
import { layoutOf, type NetworkShape, parameterCount } from '#network/shape.ts'
import { columnOf, numbersIn, type ReferenceCase } from './reference-case.ts'

const DOUBLE_BOUND = 1e-12
/** Of numbers that either side has in single precision. */
export const SINGLE_BOUND = 1e-5

/** What a case's own precision allows. */
export function boundOf({ params }: ReferenceCase): number {
  return params.dtype === 'float32' ? SINGLE_BOUND : DOUBLE_BOUND
}

export function isSinglePrecision({ params }: ReferenceCase): boolean {
  return params.dtype === 'float32'
}

/** The names that PyTorch gives to the parameters of one GRU layer, in our flat order. */
export const LAYER_PARAMETERS = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']
/** The names that PyTorch gives to the parameters of two GRU layers and a dense unit, in our flat order. */
const PARAMETERS = ['gru1', 'gru2']
  .flatMap((layer) => LAYER_PARAMETERS.map((name) => `${layer}.${name}`))
  .concat('fc.weight', 'fc.bias')

/** A network of two GRU layers and a dense unit with the windows of its case. */
export type Network = { readonly shape: NetworkShape; readonly weights: Float64Array; readonly examples: readonly Example[] }

/** The network of a case; sizes follow from its parameters. */
export function networkOf(one: ReferenceCase): Network {
  const state = z.record(z.string(), z.unknown()).parse(one.input.state)
  const windows = windowsOf(one)
  const size = (name: string) => numbersIn(state[name]).length
  const hidden = [size('gru1.bias_hh_l0') / 3, size('gru2.bias_hh_l0') / 3]
  const inputs = size('gru1.weight_ih_l0') / (3 * hidden[0])
  const shape = { inputs, sequence: windows[0].length / inputs, hidden, dropout: 0 }
  const weights = numbersIn(PARAMETERS.map((name) => state[name]))
  if (weights.length !== parameterCount(shape)) throw new TypeError(`no function for a network of ${weights.length} parameters`)
  const labels = columnOf(one, 'y')
  const kept = 1 / (1 - Number(one.params.dropout))
  const masks = one.input.mask === undefined ? undefined : numbersIn(one.input.mask).map((value) => value * kept)
  const maskSize = shape.sequence * hidden[0]
  const examples = windows.map((window, i) => ({
    window,
    label: labels[i],
    ...(masks === undefined ? {} : { masks: [masks.slice(i * maskSize, (i + 1) * maskSize)] }),
  }))
  return { shape, weights, examples }
}

/** Nested, or flat with its shape in `x_shape`: [windows, steps, columns]. */
export function windowsOf({ input }: ReferenceCase): Float64Array[] {
  const all = numbersIn(input.x)
  const count = input.x_shape === undefined ? z.array(z.unknown()).parse(input.x).length : numbersIn(input.x_shape)[0]
  const size = all.length / count
  return Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size))
}

/** Windows stand one after the other in the frame. */
export function openOnKernel({ shape, weights, examples }: Network, kernel: Kernel): KernelNetwork {
  const count = examples.length
  const network = openKernelNetwork(kernel, shape, { batchWindows: count, frameRows: count * shape.sequence, windows: count })
  const labels = new Uint8Array(count * shape.sequence)
  examples.forEach(({ label }, i) => {
    labels[(i + 1) * shape.sequence - 1] = label
  })
  network.writeFrame(Float32Array.from(examples.flatMap(({ window }) => [...window])), labels)
  network.writeWindowEnds(Int32Array.from(examples, (_, i) => (i + 1) * shape.sequence - 1))
  network.writeWeights(Float32Array.from(weights))
  return network
}

/** Values by parameter name, in the order of our flat parameters. */
export function namedInOrder(named: unknown): unknown[] {
  if (named === undefined) return []
  const values = z.record(z.string(), z.unknown()).parse(named)
  return PARAMETERS.map((name) => values[name])
}

/** Sum, sum of squares, first and last five and the largest magnitude of each parameter, in the reference's order. */
export function summaryOf(summary: unknown, shape: NetworkShape, flat: Float64Array): number[] {
  if (summary === undefined) return []
  const sizes = sizesOf(shape)
  const order = Object.keys(z.record(z.string(), z.unknown()).parse(summary))
  return order.flatMap((name) => {
    const at = PARAMETERS.indexOf(name)
    const from = sizes.slice(0, at).reduce((sum, size) => sum + size, 0)
    const values = flat.subarray(from, from + sizes[at])
    const sums = [values.reduce((sum, value) => sum + value, 0), values.reduce((sum, value) => sum + value * value, 0)]
    return [
      ...sums,
      ...values.slice(0, 5),
      ...values.slice(-5),
      values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    ]
  })
}

function sizesOf(shape: NetworkShape): number[] {
  const layers = layoutOf(shape).layers.flatMap(({ inputs, hidden }) => [
    3 * hidden * inputs,
    3 * hidden * hidden,
    3 * hidden,
    3 * hidden,
  ])
  return [...layers, shape.hidden[shape.hidden.length - 1], 1]
}
