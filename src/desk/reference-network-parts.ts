import { z } from 'zod'
import { adamStart, adamStep, lossOf, lossSlope } from '#network/reference.ts'
import { gruBackward, gruForward, sigmoid } from '#network/reference-gru.ts'
import { layoutOf } from '#network/shape.ts'
import { type Answer, answered, type Figure, refused } from './reference-answer.ts'
import { columnOf, numbersIn, type ReferenceCase } from './reference-case.ts'
import { boundOf, LAYER_PARAMETERS, windowsOf } from './reference-network-case.ts'

/** Outside [0, 1] and for NaN the loss is NaN, which is how it refuses. */
export function checkLoss(one: ReferenceCase): Answer {
  const p = columnOf(one, 'p')
  const labels = columnOf(one, 'y')
  const label = (i: number) => (labels.length === 1 ? labels[0] : labels[i])
  const losses = p.map((value, i) => lossOf(value, label(i)))
  if (losses.some(Number.isNaN)) return refused('not a probability')
  const bound = boundOf(one)
  return answered({
    loss_each: { ours: losses, bound, floor: 1 },
    loss_mean: { ours: [meanOf(losses)], bound, floor: 1 },
    grad_of_sum: { ours: p.map((value, i) => lossSlope(value, label(i))), bound, floor: 1 },
  })
}

/** The network has no loss on logits, so that one is left aside. */
export function checkSigmoid(one: ReferenceCase): Answer {
  const logits = columnOf(one, 'z')
  const bound = boundOf(one)
  const p = logits.map(sigmoid)
  return answered(
    {
      sigmoid: { ours: p, bound, floor: 1 },
      bce_y1: { ours: p.map((value) => lossOf(value, 1)), bound, floor: 1 },
      grad_z_through_sigmoid_bce: { ours: p.map((value) => lossSlope(value, 1) * value * (1 - value)), bound, floor: 1 },
    },
    ['bce_with_logits_y1'],
  )
}

/** Steps of Adam on one weight with gradients that are given. */
export function checkAdamAlone(one: ReferenceCase): Answer {
  const weights = Float64Array.of(numbersIn(one.input.param0)[0])
  const rates = { learningRate: Number(one.params.lr), weightDecay: Number(one.params.weight_decay ?? 0) }
  let state = adamStart(1)
  const after = columnOf(one, 'grads').map((gradient) => {
    state = adamStep(weights, { gradient: Float64Array.of(gradient), state }, rates)
    return weights[0]
  })
  return answered({ param_after: { ours: after, bound: boundOf(one), floor: 1 } })
}

/** One GRU layer: its outputs and, where the case weighs them, their gradients. */
export function checkLayer(one: ReferenceCase): Answer {
  const windows = windowsOf(one)
  const hidden = Number(one.params.hidden)
  const inputs = Number(one.params.n_in)
  const { layers } = layoutOf({ inputs, sequence: windows[0].length / inputs, hidden: [hidden], dropout: 0 })
  const state = z.record(z.string(), z.unknown()).parse(one.input.state)
  const weights = numbersIn(LAYER_PARAMETERS.map((name) => state[name]))
  const layer = { layout: layers[0], weights }
  const first = one.input.h0 === undefined ? new Float64Array(windows.length * hidden) : columnOf(one, 'h0')
  const traces = windows.map((window, i) => gruForward(layer, window, first.slice(i * hidden, (i + 1) * hidden)))
  const outputs = traces.map(({ states }) => states.subarray(hidden))
  const figure = (ours: ArrayLike<number>): Figure => ({ ours, bound: boundOf(one), floor: 1 })
  const last = outputs.flatMap((output) => [...output.slice(-hidden)])
  if (one.input.coef === undefined) {
    const at = numbersIn(one.expected.t)
    return answered(
      {
        output_last: figure(last),
        output_sum: figure([outputs.reduce((sum, output) => sum + output.reduce((part, value) => part + value, 0), 0)]),
        output_t: figure(outputs.flatMap((output) => [...at].flatMap((t) => [...output.slice(t * hidden, (t + 1) * hidden)]))),
      },
      ['t'],
    )
  }
  const coefficients = columnOf(one, 'coef')
  const size = outputs[0].length
  const gradient = new Float64Array(weights.length)
  const back = traces.map((trace, i) =>
    gruBackward(layer, trace, { change: coefficients.slice(i * size, (i + 1) * size), gradient }),
  )
  const flat = outputs.flatMap((output) => [...output])
  const named = z.record(z.string(), z.unknown()).parse(one.expected.grad)
  return answered({
    output: figure(flat),
    hn: figure(last),
    objective: figure([flat.reduce((sum, value, i) => sum + value * coefficients[i], 0)]),
    grad: { ...figure(gradient), theirs: numbersIn(LAYER_PARAMETERS.map((name) => named[name])) },
    grad_input: figure(back.flatMap(({ input }) => [...input])),
    grad_h0: figure(back.flatMap(({ firstState }) => [...firstState])),
  })
}

function meanOf(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length
}
