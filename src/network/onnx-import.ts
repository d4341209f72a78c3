import { Fault } from '#domain/fault.ts'
import { encodeOnnx } from './onnx-export.ts'
import {
  DIMENSION,
  DROPOUT_KEY,
  ENTRY,
  fromLittleEndian,
  GRAPH,
  MODEL,
  NODE,
  SHAPE,
  TENSOR,
  TENSOR_SHAPE,
  TYPE,
  VALUE,
  withFirstGatesSwapped,
} from './onnx-format.ts'
import { type DecodedField, fieldsOf } from './onnx-wire.ts'
import type { Network } from './predict.ts'
import { layoutOf, type NetworkShape } from './shape.ts'

/** More than any network that could be trained here has; a larger file is refused unread. */
const MOST_BYTES = 256 * 1024 * 1024
const MOST_LAYERS = 64

/**
 * The network of an ONNX model that `encodeOnnx` wrote. Its shape and parameters are taken from the file, and the file must
 * then be, byte for byte, what exporting them gives: so nothing in it that changes the answer can go unseen. Memory stays
 * within a small multiple of the file. Throws ONNX_UNREADABLE for bytes that are no model, ONNX_OTHER_NETWORK for a model
 * that is not one of ours.
 */
export function decodeOnnx(bytes: Uint8Array): Network {
  if (bytes.length > MOST_BYTES) throw otherNetwork(`it has ${bytes.length} bytes`)
  const model = fieldsOf(bytes)
  const graph = fieldsOf(messageIn(model, MODEL.graph))
  const tensors = tensorsOf(graph)
  const shape = shapeOf(graph, { tensors, dropout: dropoutOf(model) })
  const network = { shape, weights: weightsOf(shape, tensors) }
  const again = encodeOnnx(network)
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) {
    throw otherNetwork('its operators, names or layout differ')
  }
  return network
}

type Tensor = { readonly dimensions: readonly number[]; readonly raw: Uint8Array }
type Tensors = ReadonlyMap<string, Tensor>

function tensorsOf(graph: readonly DecodedField[]): Tensors {
  return new Map(
    messagesIn(graph, GRAPH.initializer).map((message) => {
      const fields = fieldsOf(message)
      const dimensions = numbersIn(fields, TENSOR.dimension)
      return [textIn(fields, TENSOR.name), { dimensions, raw: messageIn(fields, TENSOR.raw) }]
    }),
  )
}

type Parts = { readonly tensors: Tensors; readonly dropout: number }

function shapeOf(graph: readonly DecodedField[], { tensors, dropout }: Parts): NetworkShape {
  const layers = messagesIn(graph, GRAPH.node).filter((node) => textIn(fieldsOf(node), NODE.operator) === 'GRU').length
  if (layers === 0 || layers > MOST_LAYERS) throw otherNetwork(`it has ${layers} GRU layers`)
  const hidden = Array.from({ length: layers }, (_, i) => extentOf(tensors, `gru${i}.R`, 2))
  const [, sequence] = windowExtents(graph)
  return { inputs: extentOf(tensors, 'gru0.W', 2), sequence, hidden, dropout }
}

/** Extents of the graph's one input, [batch, sequence, inputs]; 0 where it is open. */
function windowExtents(graph: readonly DecodedField[]): readonly number[] {
  const type = fieldsOf(messageIn(fieldsOf(messageIn(graph, GRAPH.input)), VALUE.type))
  const tensorType = fieldsOf(messageIn(type, TYPE.tensor))
  const dimensions = messagesIn(fieldsOf(messageIn(tensorType, TENSOR_SHAPE.shape)), SHAPE.dimension)
  const extents = dimensions.map((dimension) => numbersIn(fieldsOf(dimension), DIMENSION.value).at(0) ?? 0)
  if (extents.length !== 3 || extents[1] === 0) throw otherNetwork('its input is not a window of known length')
  return extents
}

function dropoutOf(model: readonly DecodedField[]): number {
  const entry = messagesIn(model, MODEL.metadata)
    .map(fieldsOf)
    .find((fields) => textIn(fields, ENTRY.key) === DROPOUT_KEY)
  const dropout = entry ? Number(textIn(entry, ENTRY.value)) : Number.NaN
  if (!(dropout >= 0 && dropout < 1)) throw otherNetwork('it does not say the dropout of its training')
  return dropout
}

function weightsOf(shape: NetworkShape, tensors: Tensors): Float32Array {
  const { layers, denseWeights, denseBias, count } = layoutOf(shape)
  // Checked before anything of the claimed size is allocated: every parameter must be in the file.
  const stored = [...tensors.values()].reduce((sum, { raw }) => sum + raw.length, 0)
  if (4 * count > stored) throw otherNetwork('parameters are missing')
  const weights = new Float32Array(count)
  layers.forEach(({ inputs, hidden, inputWeights, hiddenWeights, inputBias, hiddenBias }, i) => {
    const gates = 3 * hidden
    weights.set(withFirstGatesSwapped(valuesOf(tensors, `gru${i}.W`, gates * inputs)), inputWeights)
    weights.set(withFirstGatesSwapped(valuesOf(tensors, `gru${i}.R`, gates * hidden)), hiddenWeights)
    const biases = valuesOf(tensors, `gru${i}.B`, 2 * gates)
    weights.set(withFirstGatesSwapped(biases.subarray(0, gates)), inputBias)
    weights.set(withFirstGatesSwapped(biases.subarray(gates)), hiddenBias)
  })
  weights.set(valuesOf(tensors, 'dense.weight', denseBias - denseWeights), denseWeights)
  weights.set(valuesOf(tensors, 'dense.bias', 1), denseBias)
  return weights
}

function tensorNamed(tensors: Tensors, name: string): Tensor {
  const tensor = tensors.get(name)
  if (!tensor) throw otherNetwork(`it has no parameters named ${name}`)
  return tensor
}

function extentOf(tensors: Tensors, name: string, axis: number): number {
  const extent = tensorNamed(tensors, name).dimensions.at(axis)
  if (extent === undefined || extent === 0) throw otherNetwork(`${name} does not have ${axis + 1} axes`)
  return extent
}

function valuesOf(tensors: Tensors, name: string, count: number): Float32Array {
  const { raw } = tensorNamed(tensors, name)
  if (raw.length !== 4 * count) throw otherNetwork(`${name} has ${raw.length} bytes instead of ${4 * count}`)
  return fromLittleEndian(raw)
}

function messagesIn(fields: readonly DecodedField[], number: number): readonly Uint8Array[] {
  return fields
    .filter((field) => field.number === number)
    .map(({ value }) => value)
    .filter((value) => value instanceof Uint8Array)
}

function messageIn(fields: readonly DecodedField[], number: number): Uint8Array {
  const message = messagesIn(fields, number).at(0)
  if (!message) throw otherNetwork(`a part of it lacks its field ${number}`)
  return message
}

function textIn(fields: readonly DecodedField[], number: number): string {
  return new TextDecoder().decode(messageIn(fields, number))
}

function numbersIn(fields: readonly DecodedField[], number: number): readonly number[] {
  return fields
    .filter((field) => field.number === number)
    .map(({ value }) => value)
    .filter((value) => typeof value === 'number')
}

function otherNetwork(why: string): Fault {
  return new Fault(
    'ONNX_OTHER_NETWORK',
    `The ONNX model is not a Spreadworks network: ${why}; give a file that a Spreadworks network was exported to.`,
    { exitCode: 2 },
  )
}
