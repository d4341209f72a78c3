import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DIMENSION,
  DROPOUT_KEY,
  ENTRY,
  GRAPH,
  IR_VERSION,
  littleEndian,
  MODEL,
  NODE,
  OPERATOR_SET,
  OPERATOR_VERSION,
  SHAPE,
  TENSOR,
  TENSOR_SHAPE,
  TENSOR_TYPE,
  TYPE,
  VALUE,
  withFirstGatesSwapped,
} from './onnx-format.ts'
import { bytesField, type EncodedField, joined, messageField, numberField, textField } from './onnx-wire.ts'
import type { Network } from './predict.ts'
import { type LayerLayout, layoutOf } from './shape.ts'

/**
 * The network as an ONNX model (operator set 14) that any ONNX runtime computes: `window` [batch, sequence, inputs],
 * float32 and scaled, to `probability` [batch, 1]. The same network gives the same bytes.
 * Transpose → (GRU → Squeeze) for each layer → Gemm → Sigmoid; the reset gate acts after the product
 * (`linear_before_reset`), as PyTorch's `nn.GRU` and this network have it.
 */
export function encodeOnnx(network: Network): Uint8Array<ArrayBuffer> {
  const { shape } = network
  return joined([
    numberField(MODEL.irVersion, IR_VERSION),
    textField(MODEL.producer, 'spreadworks'),
    messageField(MODEL.graph, graphOf(network)),
    messageField(MODEL.operatorSet, [numberField(OPERATOR_SET.version, OPERATOR_VERSION)]),
    messageField(MODEL.metadata, [textField(ENTRY.key, DROPOUT_KEY), textField(ENTRY.value, String(shape.dropout))]),
  ])
}

function graphOf({ shape, weights }: Network): EncodedField[] {
  const { layers, denseWeights, denseBias, count } = layoutOf(shape)
  const top = layers.length - 1
  const dense = [
    tensor('dense.weight', [1, layers[top].hidden], weights.subarray(denseWeights, denseBias)),
    tensor('dense.bias', [1], weights.subarray(denseBias, count)),
  ]
  return [
    node('Transpose', { inputs: ['window'], outputs: ['steps'], attributes: [numbersAttribute('perm', [1, 0, 2])] }),
    ...layers.flatMap((layer, i) => layerNodes(layer, { i, isTop: i === top })),
    node('Gemm', {
      inputs: ['last_state', 'dense.weight', 'dense.bias'],
      outputs: ['logit'],
      attributes: [numberAttribute('transB', 1)],
    }),
    node('Sigmoid', { inputs: ['logit'], outputs: ['probability'], attributes: [] }),
    textField(GRAPH.name, 'spreadworks'),
    // Only layers below another one hand on every step; an axis that nothing uses draws a warning from runtimes.
    ...(top > 0 ? [axes('directions_axis', 1)] : []),
    axes('direction_axis', 0),
    ...layers.flatMap((layer, i) => layerTensors(layer, i, weights)),
    ...dense,
    value(GRAPH.input, 'window', ['batch', shape.sequence, shape.inputs]),
    value(GRAPH.output, 'probability', ['batch', 1]),
  ]
}

type Place = { readonly i: number; readonly isTop: boolean }

/** The outputs of a lower layer at every step go up, [steps, 1, batch, hidden]; of the top one only the last, [1, batch, hidden]. */
function layerNodes({ hidden }: LayerLayout, { i, isTop }: Place): EncodedField[] {
  const below = i === 0 ? 'steps' : `states${i - 1}`
  const parameters = ['W', 'R', 'B'].map((name) => `gru${i}.${name}`)
  const raw = `gru${i}.output`
  return [
    node('GRU', {
      inputs: [below, ...parameters],
      outputs: isTop ? ['', raw] : [raw],
      attributes: [numberAttribute('hidden_size', hidden), numberAttribute('linear_before_reset', 1)],
    }),
    node('Squeeze', {
      inputs: [raw, isTop ? 'direction_axis' : 'directions_axis'],
      outputs: [isTop ? 'last_state' : `states${i}`],
      attributes: [],
    }),
  ]
}

function layerTensors(layer: LayerLayout, i: number, weights: Float32Array): EncodedField[] {
  const { inputs, hidden, inputWeights, hiddenWeights, inputBias, hiddenBias } = layer
  const gates = (from: number, columns: number) => withFirstGatesSwapped(weights.subarray(from, from + 3 * hidden * columns))
  const biases = Float32Array.of(...gates(inputBias, 1), ...gates(hiddenBias, 1))
  return [
    tensor(`gru${i}.W`, [1, 3 * hidden, inputs], gates(inputWeights, inputs)),
    tensor(`gru${i}.R`, [1, 3 * hidden, hidden], gates(hiddenWeights, hidden)),
    tensor(`gru${i}.B`, [1, 6 * hidden], biases),
  ]
}

type NodeParts = {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: readonly EncodedField[]
}

function node(operator: string, { inputs, outputs, attributes }: NodeParts): EncodedField {
  return messageField(GRAPH.node, [
    ...inputs.map((name) => textField(NODE.input, name)),
    ...outputs.map((name) => textField(NODE.output, name)),
    textField(NODE.operator, operator),
    ...attributes,
  ])
}

function numberAttribute(name: string, number: number): EncodedField {
  return messageField(NODE.attribute, [
    textField(ATTRIBUTE.name, name),
    numberField(ATTRIBUTE.number, number),
    numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.number),
  ])
}

function numbersAttribute(name: string, numbers: readonly number[]): EncodedField {
  return messageField(NODE.attribute, [
    textField(ATTRIBUTE.name, name),
    ...numbers.map((number) => numberField(ATTRIBUTE.numbers, number)),
    numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.numbers),
  ])
}

function tensor(name: string, dimensions: readonly number[], values: Float32Array): EncodedField {
  return messageField(GRAPH.initializer, [
    ...dimensions.map((extent) => numberField(TENSOR.dimension, extent)),
    numberField(TENSOR.type, TENSOR_TYPE.float32),
    textField(TENSOR.name, name),
    bytesField(TENSOR.raw, littleEndian(values)),
  ])
}

/** One axis as a tensor of one 64-bit number. */
function axes(name: string, axis: number): EncodedField {
  return messageField(GRAPH.initializer, [
    numberField(TENSOR.dimension, 1),
    numberField(TENSOR.type, TENSOR_TYPE.int64),
    textField(TENSOR.name, name),
    bytesField(TENSOR.raw, Uint8Array.of(axis, 0, 0, 0, 0, 0, 0, 0)),
  ])
}

function value(kind: number, name: string, extents: readonly (string | number)[]): EncodedField {
  const dimensions = extents.map((extent) =>
    messageField(SHAPE.dimension, [
      typeof extent === 'string' ? textField(DIMENSION.name, extent) : numberField(DIMENSION.value, extent),
    ]),
  )
  const tensorType = [numberField(TENSOR_SHAPE.element, TENSOR_TYPE.float32), messageField(TENSOR_SHAPE.shape, dimensions)]
  return messageField(kind, [textField(VALUE.name, name), messageField(VALUE.type, [messageField(TYPE.tensor, tensorType)])])
}
