import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { flatState, flattened, GOLDEN_IS_ABSENT, type GoldenCase, readGolden, worstError } from './golden.file.ts'
import { adamStart, adamStep, differentiate, type Example, lossOf, lossSlope } from './reference.ts'
import { gruBackward, gruForward } from './reference-gru.ts'
import { initialWeights, layoutOf, type NetworkShape } from './shape.ts'

/** Cases are in float64 unless they say otherwise; single precision is compared at its own rounding. */
const toleranceOf = ({ params }: GoldenCase) => (params.dtype === 'float32' ? 1e-5 : 1e-12)

function shapeOf({ params, input }: GoldenCase): NetworkShape {
  const [window] = input.x as number[][][]
  const rows = window.length
  const sizes = params as { n_in?: number; h1?: number; h2?: number }
  const state = input.state as Record<string, number[][]>
  const hidden = [sizes.h1 ?? state['gru1.weight_hh_l0'][0].length, sizes.h2 ?? state['gru2.weight_hh_l0'][0].length]
  return { inputs: window[0].length, sequence: rows, hidden, dropout: 0 }
}

function examplesOf({ input, params }: GoldenCase): Example[] {
  const windows = input.x as number[][][]
  const masks = input.mask as number[][][] | undefined
  const keep = 1 / (1 - Number(params.dropout))
  return windows.map((window, i) => ({
    window: flattened(window),
    label: Number([input.y].flat(2)[i]),
    ...(masks ? { masks: [flattened(masks[i]).map((kept) => kept * keep)] } : {}),
  }))
}

const golden = readGolden('gru')
const casesNamed = (pattern: RegExp) => golden.cases.filter(({ name }) => pattern.test(name))

describe.skipIf(GOLDEN_IS_ABSENT)('agrees with PyTorch', () => {
  test.each(casesNamed(/^net_/).map((one) => [one.name, one] as const))('loss and every gradient of %s', (_, one) => {
    const shape = shapeOf(one)
    const { loss, gradient, inputs, probabilities } = differentiate(shape, flatState(shape, one.input.state), examplesOf(one))
    const tolerance = toleranceOf(one)
    expect(worstError(probabilities, flattened(one.expected.output))).toBeLessThan(tolerance)
    expect(worstError([loss], [Number(one.expected.loss)])).toBeLessThan(tolerance)
    expect(worstError(gradient, flatState(shape, one.expected.grad))).toBeLessThan(tolerance)
    expect(worstError(flattened(inputs.map((input) => [...input])), flattened(one.expected.grad_input))).toBeLessThan(tolerance)
  })

  test.each(casesNamed(/^adam_(lr|wd)/).map((one) => [one.name, one] as const))('the steps of %s', (_, one) => {
    const shape = shapeOf(one)
    const weights = flatState(shape, one.input.state)
    const rates = { learningRate: Number(one.params.lr), weightDecay: Number(one.params.weight_decay) }
    let state = adamStart(weights.length)
    for (const step of one.expected.steps as { loss_before: number; state_after: unknown }[]) {
      const { loss, gradient } = differentiate(shape, weights, examplesOf(one))
      expect(worstError([loss], [step.loss_before])).toBeLessThan(toleranceOf(one))
      state = adamStep(weights, { gradient, state }, rates)
      expect(worstError(weights, flatState(shape, step.state_after))).toBeLessThan(toleranceOf(one))
    }
  })

  test.each(casesNamed(/^bce_y.*float64/).map((one) => [one.name, one] as const))('clamped logarithms of %s', (_, one) => {
    const p = flattened(one.input.p)
    const y = Number(one.input.y)
    expect(
      worstError(
        p.map((value) => lossOf(value, y)),
        flattened(one.expected.loss_each),
      ),
    ).toBeLessThan(1e-12)
    expect(
      worstError(
        p.map((value) => lossSlope(value, y)),
        flattened(one.expected.grad_of_sum),
      ),
    ).toBeLessThan(1e-12)
  })

  test('one layer that begins in a state of its own, and the gradient of that state', () => {
    const [{ input, params, expected }] = casesNamed(/^gru_layer_h0$/)
    const state = input.state as Record<string, unknown>
    const { layers } = layoutOf({ inputs: Number(params.n_in), sequence: 6, hidden: [Number(params.hidden)], dropout: 0 })
    const weights = flattened(['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((name) => state[name]))
    const layer = { layout: layers[0], weights }
    const first = flattened(input.h0)
    const gradient = new Float64Array(weights.length)
    const size = layers[0].hidden
    const windows = (input.x as unknown[]).map((window, i) => {
      const trace = gruForward(layer, flattened(window), first.slice(i * size, (i + 1) * size))
      const change = flattened((input.coef as unknown[])[i])
      return { trace, back: gruBackward(layer, trace, { change, gradient }) }
    })
    expect(
      worstError(flattened(windows.map(({ trace }) => [...trace.states.subarray(size)])), flattened(expected.output)),
    ).toBeLessThan(1e-12)
    expect(worstError(flattened(windows.map(({ back }) => [...back.firstState])), flattened(expected.grad_h0))).toBeLessThan(
      1e-12,
    )
    expect(worstError(flattened(windows.map(({ back }) => [...back.input])), flattened(expected.grad_input))).toBeLessThan(1e-12)
  })
})

test('gradients are the slopes of the loss, for one to three layers', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), fc.integer(), (hidden, seed) => {
      const shape = { inputs: 2, sequence: 3, hidden, dropout: 0 }
      const random = randomStream(seed, 'gradient')
      const weights = Float64Array.from(initialWeights(shape, random))
      const examples = [0, 1].map((label) => ({ window: Float64Array.from({ length: 6 }, random.normal), label }))
      const { gradient } = differentiate(shape, weights, examples)
      const at = random.below(weights.length)
      const lossWith = (nudge: number) => {
        const moved = weights.slice()
        moved[at] += nudge
        return differentiate(shape, moved, examples).loss
      }
      expect((lossWith(1e-5) - lossWith(-1e-5)) / 2e-5).toBeCloseTo(gradient[at], 8)
    }),
    { numRuns: 30 },
  )
})
