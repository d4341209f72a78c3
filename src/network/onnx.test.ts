import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { describe, expect, test } from 'vitest'
import { Fault } from '#domain/fault.ts'
import { randomStream } from '#domain/random.ts'
import { worstError } from './golden.file.ts'
import { encodeOnnx } from './onnx-export.ts'
import { decodeOnnx } from './onnx-import.ts'
import { fieldsOf, joined, messageField, numberField, textField } from './onnx-wire.ts'
import { type Network, predictOne } from './predict.ts'
import { initialWeights, type NetworkShape } from './shape.ts'

const FULL: NetworkShape = { inputs: 10, sequence: 10, hidden: [64, 32], dropout: 0.255 }
const SMALL: NetworkShape = { inputs: 3, sequence: 2, hidden: [2], dropout: 0 }

/** Weights four times as large as the first ones, so that gates saturate and an exchanged gate shows. */
function networkOf(shape: NetworkShape, seed = 1): Network {
  return { shape, weights: initialWeights(shape, randomStream(seed, 'onnx')).map((weight) => 4 * weight) }
}

function windowsFor({ sequence, inputs }: NetworkShape, count: number): Float32Array {
  return Float32Array.from({ length: count * sequence * inputs }, randomStream(2, 'windows').normal)
}

const shapes = fc.record({
  inputs: fc.integer({ min: 1, max: 9 }),
  sequence: fc.integer({ min: 1, max: 6 }),
  hidden: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  dropout: fc.constantFrom(0, 0.255, 0.5),
})

describe('an exported network', () => {
  test.each([FULL, SMALL, { inputs: 1, sequence: 1, hidden: [1, 5, 3], dropout: 0 }])(
    'is computed by onnxruntime to 1e-5: $hidden units',
    async (shape) => {
      const network = networkOf(shape)
      const windows = windowsFor(shape, 5)
      const session = await InferenceSession.create(encodeOnnx(network))
      const size = shape.sequence * shape.inputs
      const { probability } = await session.run({ window: new Tensor('float32', windows, [5, shape.sequence, shape.inputs]) })
      await session.release()
      const ours = Array.from({ length: 5 }, (_, i) =>
        predictOne(network, Float64Array.from(windows.subarray(i * size, (i + 1) * size))),
      )
      expect(probability.dims).toEqual([5, 1])
      expect(worstError(Array.from(probability.data, Number), ours)).toBeLessThan(1e-5)
    },
  )

  test('comes back the same, whatever its shape', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const network = networkOf(shape, seed)
        expect(decodeOnnx(encodeOnnx(network))).toEqual(network)
      }),
      { numRuns: 50, seed: 1 },
    )
  })
})

describe('a file that is not an exported network', () => {
  const whole = encodeOnnx(networkOf(SMALL))
  const codeOf = (bytes: Uint8Array) => {
    try {
      decodeOnnx(bytes)
    } catch (error) {
      if (error instanceof Fault) return error.code
      throw error
    }
    return 'accepted'
  }

  test('is refused wherever it is cut off', () => {
    for (let length = 0; length < whole.length; length++) expect(codeOf(whole.subarray(0, length))).toMatch(/^ONNX_/)
    expect(codeOf(whole.subarray(0, whole.length - 1))).toBe('ONNX_UNREADABLE')
  })

  test('is refused or means what it says to every runtime, whichever of many bits is another', () => {
    for (let bit = 0; bit < 8 * whole.length; bit += 13) {
      const spoilt = whole.slice()
      spoilt[bit >> 3] ^= 1 << (bit & 7)
      if (codeOf(spoilt) === 'accepted') expect(encodeOnnx(decodeOnnx(spoilt))).toEqual(spoilt)
    }
  })

  test('costs no memory for the sizes that it only claims', () => {
    const claim = (name: string, extent: number) =>
      messageField(5, [numberField(1, 1), numberField(1, 3), numberField(1, extent), textField(8, name), textField(9, '')])
    const gru = messageField(1, [textField(4, 'GRU')])
    const extents = [0, 4, 4].map((extent) => messageField(1, [numberField(1, extent)]))
    const input = messageField(11, [messageField(2, [messageField(1, [messageField(2, extents)])])])
    const graph = messageField(7, [gru, claim('gru0.W', 1e9), claim('gru0.R', 1e9), input])
    const metadata = messageField(14, [textField(1, 'spreadworks.dropout'), textField(2, '0')])
    expect(codeOf(joined([graph, metadata]))).toBe('ONNX_OTHER_NETWORK')
  })

  test('is refused with the reason when its numbers have no end', () => {
    expect(() => fieldsOf(new Uint8Array(20).fill(255))).toThrow('no number of at most 53 bits')
  })
})
