import { type GruTrace, gruBackward, gruForward, sigmoid } from './reference-gru.ts'
import { layoutOf, type NetworkShape } from './shape.ts'

/*
 * The network in plain float64, as the formulas say it: the oracle of the kernel, and the way to one probability where
 * no kernel is at hand.
 */

/** Parameters in the layout of shape.ts. */
export type Weights = Float64Array | Float32Array

/** What is kept of each layer's output on its way to the next: [steps × hidden] factors for each layer but the last. */
type Masks = readonly Float64Array[]

/** One window forward: the layers' traces and the probability. */
type NetworkTrace = { readonly layers: readonly GruTrace[]; readonly probability: number }

/** A window with its label, 0 or 1 (or between), and its masks; no masks: nothing dropped. */
export type Example = { readonly window: Float64Array; readonly label: number; readonly masks?: Masks }

/** The probability that the network gives to one window [sequence × inputs], row-major. */
export function probabilityOf(shape: NetworkShape, weights: Weights, window: Float64Array): number {
  return forward(shape, weights, { window }).probability
}

/** One window through all layers. */
function forward(shape: NetworkShape, weights: Weights, { window, masks }: Pick<Example, 'window' | 'masks'>): NetworkTrace {
  const { layers, denseWeights, denseBias } = layoutOf(shape)
  const traces: GruTrace[] = []
  let input = window
  layers.forEach((layout, i) => {
    const trace = gruForward({ layout, weights }, input, new Float64Array(layout.hidden))
    traces.push(trace)
    const output = trace.states.subarray(layout.hidden)
    const mask = masks?.[i]
    input = mask ? output.map((value, at) => value * mask[at]) : output
  })
  const units = shape.hidden[shape.hidden.length - 1]
  const last = input.subarray(input.length - units)
  const logit = last.reduce((sum, value, j) => sum + value * weights[denseWeights + j], weights[denseBias])
  return { layers: traces, probability: sigmoid(logit) }
}

/** Binary cross-entropy −(y ln p + (1 − y) ln(1 − p)), each logarithm clamped at −100. */
export function lossOf(probability: number, label: number): number {
  return -(label * Math.max(Math.log(probability), -100) + (1 - label) * Math.max(Math.log(1 - probability), -100))
}

/** PyTorch holds it in single precision whatever the numbers are in. */
const LEAST_WIDTH = Math.fround(1e-12)

/** The loss's slope in p: (p − y) / max(p(1 − p), 1e-12), as PyTorch's `BCELoss`. */
export function lossSlope(probability: number, label: number): number {
  return (probability - label) / Math.max(probability * (1 - probability), LEAST_WIDTH)
}

/** Mean loss of a mini-batch, its gradient [parameters], and the gradient of each window's input. */
export type BatchGradient = {
  readonly loss: number
  readonly gradient: Float64Array
  readonly inputs: readonly Float64Array[]
  readonly probabilities: Float64Array
}

/** Forward and backward over a mini-batch of at least one example. */
export function differentiate(shape: NetworkShape, weights: Weights, examples: readonly Example[]): BatchGradient {
  const gradient = new Float64Array(layoutOf(shape).count)
  const traces = examples.map((example) => forward(shape, weights, example))
  const inputs = traces.map((trace, i) => {
    const { label, masks } = examples[i]
    const p = trace.probability
    const slope = (lossSlope(p, label) * p * (1 - p)) / examples.length
    return backward(shape, weights, { trace, slope, gradient, masks })
  })
  const loss = traces.reduce((sum, { probability }, i) => sum + lossOf(probability, examples[i].label), 0) / examples.length
  return { loss, gradient, inputs, probabilities: Float64Array.from(traces, ({ probability }) => probability) }
}

type Backward = {
  readonly trace: NetworkTrace
  /** Gradient of the logit. */
  readonly slope: number
  readonly gradient: Float64Array
  readonly masks: Masks | undefined
}

function backward(shape: NetworkShape, weights: Weights, { trace, slope, gradient, masks }: Backward): Float64Array {
  const { layers, denseWeights, denseBias } = layoutOf(shape)
  const units = shape.hidden[shape.hidden.length - 1]
  const { states, steps } = trace.layers[layers.length - 1]
  let change = new Float64Array(steps * units)
  gradient[denseBias] += slope
  for (let j = 0; j < units; j++) {
    gradient[denseWeights + j] += slope * states[steps * units + j]
    change[(steps - 1) * units + j] = slope * weights[denseWeights + j]
  }
  for (let i = layers.length - 1; i >= 0; i--) {
    const { input } = gruBackward({ layout: layers[i], weights }, trace.layers[i], { change, gradient })
    const mask = masks?.[i - 1]
    change = mask ? input.map((value, at) => value * mask[at]) : new Float64Array(input)
  }
  return change
}

/** Adam's state: `step` counts the steps done. */
export type AdamState = { readonly step: number; readonly first: Float64Array; readonly second: Float64Array }

/** Adam's state before the first step. */
export function adamStart(parameters: number): AdamState {
  return { step: 0, first: new Float64Array(parameters), second: new Float64Array(parameters) }
}

/**
 * One step of Adam in place of `weights`; returns the new state. β₁ = 0.9, β₂ = 0.999, ε = 1e-8 added after the
 * bias-corrected root; `weightDecay`·w is added to the gradient.
 * Source: Kingma & Ba (2015), arXiv:1412.6980; as PyTorch's `optim.Adam`.
 */
export function adamStep(
  weights: Float64Array,
  { gradient, state }: { gradient: Float64Array; state: AdamState },
  { learningRate, weightDecay }: { learningRate: number; weightDecay: number },
): AdamState {
  const step = state.step + 1
  const slope = gradient.map((g, i) => g + weightDecay * weights[i])
  const first = state.first.map((m, i) => 0.9 * m + 0.1 * slope[i])
  const second = state.second.map((v, i) => 0.999 * v + 0.001 * slope[i] * slope[i])
  const stepSize = learningRate / (1 - 0.9 ** step)
  const rootScale = Math.sqrt(1 - 0.999 ** step)
  for (let i = 0; i < weights.length; i++) weights[i] -= (stepSize * first[i]) / (Math.sqrt(second[i]) / rootScale + 1e-8)
  return { step, first, second }
}
