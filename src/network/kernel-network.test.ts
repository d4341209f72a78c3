import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { flatState, flattened, GOLDEN_IS_ABSENT, readGolden, worstError } from './golden.file.ts'
import { loadKernel } from './kernel.file.ts'
import { maskRule, openKernelNetwork } from './kernel-network.ts'
import { paddedTo } from './kernel-parameters.ts'
import { differentiate, type Example } from './reference.ts'
import { initialWeights, type NetworkShape } from './shape.ts'

const kernels = await Promise.all([loadKernel('simd'), loadKernel('auto')])
const [{ kernel: simd }] = kernels
const SLICE = { first: 2, count: 5 }
const BATCH_WINDOWS = 7

const SHAPES: readonly NetworkShape[] = [
  { inputs: 10, sequence: 10, hidden: [64, 32], dropout: 0.255 },
  { inputs: 3, sequence: 4, hidden: [5, 2], dropout: 0 },
  { inputs: 1, sequence: 1, hidden: [1], dropout: 0 },
  { inputs: 9, sequence: 6, hidden: [7, 12, 3], dropout: 0.5 },
]

function frameFor({ inputs }: NetworkShape) {
  const random = randomStream(11, 'frame')
  const frame = Float32Array.from({ length: 30 * inputs }, random.normal)
  return { frame, labels: Uint8Array.from({ length: 30 }, () => random.below(2)) }
}

const endsFor = ({ sequence }: NetworkShape) => Int32Array.from({ length: 10 }, (_, i) => sequence - 1 + 2 * i)

function opened(shape: NetworkShape, kernel = simd) {
  const { frame, labels } = frameFor(shape)
  const network = openKernelNetwork(kernel, shape, { batchWindows: BATCH_WINDOWS, frameRows: 30, windows: 10 })
  network.writeFrame(frame, labels)
  network.writeWindowEnds(endsFor(shape))
  network.writeWeights(initialWeights(shape, randomStream(3, 'weights')))
  return network
}

/** The kernel's masks once more, element by element: see assembly/dropout.ts. */
function masksFor(shape: NetworkShape, { row, key }: { row: number; key: number }): Float64Array[] {
  const { threshold, scale } = maskRule(shape.dropout)
  const rows = paddedTo(4, BATCH_WINDOWS)
  return shape.hidden.slice(0, -1).map((units, layer) =>
    Float64Array.from({ length: shape.sequence * units }, (_, at) => {
      const step = Math.floor(at / units)
      const index = (step * rows + row) * paddedTo(8, units) + (at % units)
      return scramble(index ^ key ^ Math.imul(layer + 1, 0x9e3779b9)) >= threshold ? scale : 0
    }),
  )
}

function scramble(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

function examplesFor(shape: NetworkShape, key: number): Example[] {
  const { frame, labels } = frameFor(shape)
  const ends = endsFor(shape).subarray(SLICE.first, SLICE.first + SLICE.count)
  return [...ends].map((end, row) => ({
    window: Float64Array.from(frame.subarray((end - shape.sequence + 1) * shape.inputs, (end + 1) * shape.inputs)),
    label: labels[end],
    masks: masksFor(shape, { row, key }),
  }))
}

describe.each(kernels)('the $kernel.kind kernel', ({ kernel }) => {
  test.each(SHAPES)('differentiates as the reference does: $hidden units, dropout $dropout', (shape) => {
    const network = opened(shape, kernel)
    const expected = differentiate(shape, network.weights(), examplesFor(shape, 77))
    const loss = network.differentiate(SLICE, 77) / SLICE.count
    expect(loss).toBeCloseTo(expected.loss, 6)
    expect(worstError(network.gradients(), expected.gradient)).toBeLessThan(1e-6)
    expect(worstError(network.probabilities(SLICE.count), expected.probabilities)).toBeLessThan(1e-6)
  })

  test('gives the same bytes in every instance', () => {
    const [shape] = SHAPES
    const [one, other] = [opened(shape, kernel), opened(shape, kernel)]
    for (const network of [one, other]) {
      for (let step = 1; step <= 3; step++) network.train(SLICE, step, { learningRate: 0.01, step })
    }
    expect(Buffer.from(one.weights().buffer)).toEqual(Buffer.from(other.weights().buffer))
  })

  test.skipIf(GOLDEN_IS_ABSENT)('follows the 20 steps of training that PyTorch took', () => {
    const { series, cases } = readGolden('gru_full')
    const [golden] = cases.filter(({ name }) => name === 'train5epochs_lr0.003_float32')
    const shape = { inputs: 10, sequence: 10, hidden: [64, 32], dropout: 0 }
    const state = Object.fromEntries(Object.entries(series).map(([name, values]) => [name.replace('state.', ''), values]))
    const network = openKernelNetwork(kernel, shape, { batchWindows: 16, frameRows: 640, windows: 64 })
    // 64 windows of 10 rows, one behind the other, each labelled on its last row.
    const labels = Uint8Array.from({ length: 640 }, (_, row) => series.Y64[Math.floor(row / 10)])
    network.writeFrame(Float32Array.from(series.X64), labels)
    network.writeWindowEnds(Int32Array.from({ length: 64 }, (_, i) => 10 * i + 9))
    network.writeWeights(Float32Array.from(flatState(shape, state)))
    const losses = Array.from({ length: 20 }, (_, i) =>
      network.train({ first: (i % 4) * 16, count: 16 }, 0, { learningRate: 0.003, step: i + 1 }),
    )
    expect(
      worstError(
        losses.map((loss) => loss / 16),
        flattened(golden.expected.step_losses),
      ),
    ).toBeLessThan(1e-5)
  })
})

test('the plain kernel gives these bytes on every processor', () => {
  const shape = { inputs: 3, sequence: 4, hidden: [9, 5], dropout: 0.25 }
  const random = randomStream(1, 'bytes')
  const network = openKernelNetwork(simd, shape, { batchWindows: 6, frameRows: 40, windows: 12 })
  const frame = Float32Array.from({ length: 120 }, () => 2 * random.uniform() - 1)
  network.writeFrame(
    frame,
    Uint8Array.from({ length: 40 }, () => random.below(2)),
  )
  network.writeWindowEnds(Int32Array.from({ length: 12 }, (_, i) => 3 + 3 * i))
  network.writeWeights(initialWeights(shape, random))
  for (let step = 1; step <= 20; step++) {
    network.train({ first: step % 2 ? 0 : 6, count: 6 }, step, { learningRate: 0.01, step })
  }
  expect(createHash('sha256').update(new Uint8Array(network.weights().buffer)).digest('hex')).toBe(
    'dbcbee024c1562b793a1cae6467cd31db60f1fc1535689759da640682c094f54',
  )
})

const shapes = fc.record({
  inputs: fc.integer({ min: 1, max: 13 }),
  sequence: fc.integer({ min: 1, max: 5 }),
  hidden: fc.array(fc.integer({ min: 1, max: 21 }), { minLength: 1, maxLength: 4 }),
  dropout: fc.constantFrom(0, 0.3),
})

/** Windows whose rows all lie in the frame, the first `count` of them in the batch. */
function differentiated(shape: NetworkShape, { kernel, count }: { readonly kernel: typeof simd; readonly count: number }) {
  const { frame, labels } = frameFor(shape)
  const network = openKernelNetwork(kernel, shape, { batchWindows: count, frameRows: 30, windows: 10 })
  network.writeFrame(frame, labels)
  network.writeWindowEnds(endsFor(shape))
  network.writeWeights(initialWeights(shape, randomStream(3, 'weights')))
  const loss = network.differentiate({ first: 0, count }, 5) / count
  return { loss, gradients: network.gradients(), weights: network.weights() }
}

test('kernels of both kinds differentiate as the reference does, whatever the shape and the batch', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 9 }), (drawn, count) => {
      // Masks depend on the rows that the kernel pads a batch to, so they are compared above, at one size.
      const shape = { ...drawn, dropout: 0 }
      const ends = endsFor(shape).subarray(0, count)
      const { frame, labels } = frameFor(shape)
      const examples = [...ends].map((end) => ({
        window: Float64Array.from(frame.subarray((end - shape.sequence + 1) * shape.inputs, (end + 1) * shape.inputs)),
        label: labels[end],
      }))
      for (const { kernel } of kernels) {
        const { loss, gradients, weights } = differentiated(shape, { kernel, count })
        const expected = differentiate(shape, weights, examples)
        expect(loss).toBeCloseTo(expected.loss, 5)
        expect(worstError(gradients, expected.gradient)).toBeLessThan(2e-6)
      }
    }),
    { numRuns: 30, seed: 1 },
  )
})

test('the relaxed kernel stays within 1e-5 of the plain one, dropout included', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 9 }), (shape, count) => {
      const [plain, relaxed] = kernels.map(({ kernel }) => differentiated(shape, { kernel, count }))
      expect(worstError(relaxed.gradients, plain.gradients)).toBeLessThan(1e-5)
      expect(Math.abs(relaxed.loss - plain.loss)).toBeLessThan(1e-5)
    }),
    { numRuns: 15, seed: 2 },
  )
})

test('what an earlier, longer batch left in the memory changes nothing', () => {
  const [shape] = SHAPES
  const [used, fresh] = [opened(shape), opened(shape)]
  used.differentiate({ first: 0, count: 7 }, 5)
  for (const network of [used, fresh]) network.differentiate(SLICE, 9)
  expect(used.gradients()).toEqual(fresh.gradients())
})

test('windows that stand behind the slice are not read', () => {
  const [shape] = SHAPES
  const [whole, spoilt] = [opened(shape), opened(shape)]
  const { frame, labels } = frameFor(shape)
  const lastEnd = endsFor(shape)[SLICE.first + SLICE.count - 1]
  spoilt.writeFrame(
    frame.map((value, at) => (at >= (lastEnd + 1) * shape.inputs ? Number.NaN : value)),
    labels,
  )
  for (const network of [whole, spoilt]) network.differentiate(SLICE, 9)
  expect(spoilt.gradients()).toEqual(whole.gradients())
})
