import { type Array as JaxArray, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { worstError } from './golden.file.ts'
import { loadKernel } from './kernel.file.ts'
import { openKernelNetwork } from './kernel-network.ts'
import { differentiate, type Example } from './reference.ts'
import { initialWeights, layoutOf, type NetworkShape } from './shape.ts'

const SHAPE: NetworkShape = { inputs: 3, sequence: 4, hidden: [5, 3], dropout: 0 }
const WINDOWS = 6
/** jax-js approximates functions in float64 too: e^x to 1e-7 and ln x, which only the loss contains, to 3e-5. */
const LOSS_TOLERANCE = 3e-5
const TOLERANCE = 1e-6

/** One matrix of parameters: where it stands in the flat array, and its shape. */
type Block = { readonly from: number; readonly shape: readonly number[] }

function blocksOf(shape: NetworkShape): readonly Block[] {
  const { layers, denseWeights, denseBias } = layoutOf(shape)
  const gru = layers.flatMap(({ inputs, hidden, inputWeights, hiddenWeights, inputBias, hiddenBias }) => [
    { from: inputWeights, shape: [3 * hidden, inputs] },
    { from: hiddenWeights, shape: [3 * hidden, hidden] },
    { from: inputBias, shape: [3 * hidden] },
    { from: hiddenBias, shape: [3 * hidden] },
  ])
  return [...gru, { from: denseWeights, shape: [shape.hidden[shape.hidden.length - 1]] }, { from: denseBias, shape: [1] }]
}

/** Arrays of jax-js are consumed by an operation unless `.ref` keeps them. */
function gruStep(
  [inputWeights, hiddenWeights, inputBias, hiddenBias]: readonly JaxArray[],
  { x, h, hidden }: { readonly x: JaxArray; readonly h: JaxArray; readonly hidden: number },
): JaxArray {
  const a = np.matmul(x, inputWeights.ref.transpose()).add(inputBias.ref)
  const b = np.matmul(h.ref, hiddenWeights.ref.transpose()).add(hiddenBias.ref)
  const gate = (of: JaxArray, i: number) => of.ref.slice([], [i * hidden, (i + 1) * hidden])
  const r = nn.sigmoid(gate(a, 0).add(gate(b, 0)))
  const z = nn.sigmoid(gate(a, 1).add(gate(b, 1)))
  const n = np.tanh(gate(a, 2).add(r.mul(gate(b, 2))))
  a.dispose()
  b.dispose()
  return n.ref.add(z.mul(h.sub(n)))
}

function meanLoss(parameters: readonly JaxArray[], windows: readonly JaxArray[], labels: JaxArray): JaxArray {
  let inputs = windows.map((x) => x.ref)
  SHAPE.hidden.forEach((hidden, layer) => {
    let h = np.zeros([WINDOWS, hidden], { dtype: np.float64 })
    inputs = inputs.map((x) => {
      h = gruStep(parameters.slice(4 * layer, 4 * layer + 4), { x, h, hidden })
      return h.ref
    })
    h.dispose()
  })
  const [weights, bias] = parameters.slice(-2)
  const p = nn.sigmoid(np.matmul(inputs[inputs.length - 1], weights.ref).add(bias.ref))
  const right = np.where(labels.ref.greater(0.5), p.ref, np.subtract(1, p))
  return np.log(right).mean().neg()
}

function problem() {
  const random = randomStream(21, 'oracle')
  const weights = initialWeights(SHAPE, random)
  const frame = Float32Array.from({ length: WINDOWS * SHAPE.sequence * SHAPE.inputs }, random.normal)
  const examples = Array.from({ length: WINDOWS }, (_, i): Example => {
    const size = SHAPE.sequence * SHAPE.inputs
    return { window: Float64Array.from(frame.subarray(i * size, (i + 1) * size)), label: i % 2 }
  })
  return { weights, frame, examples }
}

/** Loss and flat gradient by automatic differentiation in float64. */
function jaxGradient({ weights, examples }: ReturnType<typeof problem>): { loss: number; gradient: Float64Array } {
  const float64 = (values: Float64Array<ArrayBuffer>, shape: readonly number[]) =>
    np.array(values, { dtype: np.float64 }).reshape([...shape])
  const blocks = blocksOf(SHAPE)
  const sizeOf = ({ shape }: Block) => shape.reduce((product, extent) => product * extent, 1)
  const parameters = blocks.map((block) =>
    float64(Float64Array.from(weights.subarray(block.from, block.from + sizeOf(block))), block.shape),
  )
  const windows = Array.from({ length: SHAPE.sequence }, (_, t) => {
    const rows = examples.flatMap(({ window }) => [...window.subarray(t * SHAPE.inputs, (t + 1) * SHAPE.inputs)])
    return float64(Float64Array.from(rows), [WINDOWS, SHAPE.inputs])
  })
  const labels = float64(
    Float64Array.from(examples, ({ label }) => label),
    [WINDOWS],
  )
  const [loss, gradients] = valueAndGrad((...list: JaxArray[]) => meanLoss(list, windows, labels), {
    argnums: parameters.map((_, i) => i),
  })(...parameters)
  const gradient = new Float64Array(weights.length)
  blocks.forEach(({ from }, i) => {
    gradient.set(gradients[i].dataSync(), from)
  })
  return { loss: loss.item(), gradient }
}

describe('automatic differentiation by jax-js', () => {
  const given = problem()
  const oracle = jaxGradient(given)

  test('gives the gradients of the reference', () => {
    const { loss, gradient } = differentiate(SHAPE, given.weights, given.examples)
    expect(worstError([loss], [oracle.loss])).toBeLessThan(LOSS_TOLERANCE)
    expect(worstError(gradient, oracle.gradient)).toBeLessThan(TOLERANCE)
    expect(Math.max(...oracle.gradient.map(Math.abs))).toBeGreaterThan(0.01)
  })

  test.each(['simd', 'auto'] as const)('gives the gradients of the %s kernel', async (choice) => {
    const { kernel } = await loadKernel(choice)
    const rows = WINDOWS * SHAPE.sequence
    const network = openKernelNetwork(kernel, SHAPE, { batchWindows: WINDOWS, frameRows: rows, windows: WINDOWS })
    network.writeFrame(
      given.frame,
      Uint8Array.from({ length: rows }, (_, row) => Math.floor(row / SHAPE.sequence) % 2),
    )
    network.writeWindowEnds(Int32Array.from({ length: WINDOWS }, (_, i) => (i + 1) * SHAPE.sequence - 1))
    network.writeWeights(given.weights)
    const loss = network.differentiate({ first: 0, count: WINDOWS }, 0) / WINDOWS
    expect(worstError([loss], [oracle.loss])).toBeLessThan(LOSS_TOLERANCE)
    expect(worstError(network.gradients(), oracle.gradient)).toBeLessThan(TOLERANCE)
  })
})
