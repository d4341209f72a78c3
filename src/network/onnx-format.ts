/**
 * Parameters of one GRU layer with the gates in ONNX's order z, r, n instead of ours r, z, n, or the other way round: the
 * first two thirds change places. `values`: [3 · rows …], row-major.
 */
export function withFirstGatesSwapped(values: Float32Array): Float32Array {
  const gate = values.length / 3
  const swapped = values.slice()
  swapped.set(values.subarray(gate, 2 * gate))
  swapped.set(values.subarray(0, gate), gate)
  return swapped
}

/** Float32 numbers as little-endian bytes, as ONNX's `raw_data` wants them. */
export function littleEndian(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true)
  })
  return new Uint8Array(view.buffer)
}

/** The Float32 numbers of little-endian bytes; the length is a multiple of 4. */
export function fromLittleEndian(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
}

/** Field numbers of onnx.proto3 and the numbers that stand for its types. Source: github.com/onnx/onnx, IR version 8. */
export const MODEL = { irVersion: 1, producer: 2, graph: 7, operatorSet: 8, metadata: 14 } as const
export const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const
export const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5 } as const
export const ATTRIBUTE = { name: 1, number: 3, numbers: 8, type: 20 } as const
export const ATTRIBUTE_TYPE = { number: 2, numbers: 7 } as const
export const TENSOR = { dimension: 1, type: 2, name: 8, raw: 9 } as const
export const TENSOR_TYPE = { float32: 1, int64: 7 } as const
export const VALUE = { name: 1, type: 2 } as const
export const TYPE = { tensor: 1 } as const
export const TENSOR_SHAPE = { element: 1, shape: 2 } as const
export const SHAPE = { dimension: 1 } as const
export const DIMENSION = { value: 1, name: 2 } as const
export const ENTRY = { key: 1, value: 2 } as const
export const OPERATOR_SET = { version: 2 } as const

export const IR_VERSION = 8
/** The operators' version: GRU of 14, Squeeze with its axes as an input of 13. */
export const OPERATOR_VERSION = 14
/** Which metadata tells the dropout of the training: inference has none, so the graph cannot. */
export const DROPOUT_KEY = 'spreadworks.dropout'
