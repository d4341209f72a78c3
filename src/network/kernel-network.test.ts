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
