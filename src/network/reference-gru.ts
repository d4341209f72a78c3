import type { LayerLayout } from './shape.ts'

/** One GRU layer with its parameters in a flat array: Float64Array for the reference, Float32Array for stored weights. */
export type GruLayer = { readonly layout: LayerLayout; readonly weights: Float64Array | Float32Array }

/** What the forward pass leaves behind. Arrays are [steps × hidden], but `states` [(steps + 1) × hidden], the first given. */
export type GruTrace = {
  readonly steps: number
  readonly input: Float64Array
  readonly states: Float64Array
  readonly reset: Float64Array
  readonly update: Float64Array
  readonly fresh: Float64Array
  /** W_hn h + b_hn, before the reset gate. */
  readonly recalled: Float64Array
}

/** Gradients of one window: of the input [steps × inputs] and of the first state [hidden]. */
export type GruGradient = { readonly input: Float64Array; readonly firstState: Float64Array }

/** 1 / (1 + e^−x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/**
 * bias[row] + Σ weights[row, i]·x[i], both at their offsets in `weights`, for the rows of one unit's three gates, into `sums`. The
 * three are added up side by side, each in its own order: a sum waits for the one before it, three do not wait for each other.
 */
function affine(
  weights: Float64Array | Float32Array,
  at: { weights: number; bias: number; row: number; hidden: number },
  { x, sums }: { readonly x: Float64Array; readonly sums: Float64Array },
): void {
  const { row, bias, hidden } = at
  const reset = at.weights + row * x.length
  const update = reset + hidden * x.length
  const fresh = update + hidden * x.length
  let [r, z, n] = [weights[bias + row], weights[bias + hidden + row], weights[bias + 2 * hidden + row]]
  for (let i = 0; i < x.length; i++) {
    const value = x[i]
    r += weights[reset + i] * value
    z += weights[update + i] * value
    n += weights[fresh + i] * value
  }
  sums[0] = r
  sums[1] = z
  sums[2] = n
}

/**
 * A GRU layer over one window, in float64: r = σ(W_ir x + b_ir + W_hr h + b_hr), z alike,
 * n = tanh(W_in x + b_in + r∘(W_hn h + b_hn)), h′ = (1 − z)∘n + z∘h. `input` is [steps × inputs], `first` the state before
 * it [hidden].
 * Source: Cho et al. (2014), arXiv:1406.1078, with the reset gate after the product, as PyTorch's `nn.GRU`.
 */
export function gruForward({ layout, weights }: GruLayer, input: Float64Array, first: Float64Array): GruTrace {
  const { inputs, hidden } = layout
  const steps = input.length / inputs
  const column = () => new Float64Array(steps * hidden)
  const trace = {
    steps,
    input,
    states: new Float64Array((steps + 1) * hidden),
    reset: column(),
    update: column(),
    fresh: column(),
    recalled: column(),
  }
  trace.states.set(first)
  const [fromInput, fromState] = [new Float64Array(3), new Float64Array(3)]
  for (let t = 0; t < steps; t++) {
    const x = input.subarray(t * inputs, (t + 1) * inputs)
    const h = trace.states.subarray(t * hidden, (t + 1) * hidden)
    for (let j = 0; j < hidden; j++) {
      const at = t * hidden + j
      affine(weights, { weights: layout.inputWeights, bias: layout.inputBias, row: j, hidden }, { x, sums: fromInput })
      affine(weights, { weights: layout.hiddenWeights, bias: layout.hiddenBias, row: j, hidden }, { x: h, sums: fromState })
      const r = sigmoid(fromInput[0] + fromState[0])
      const z = sigmoid(fromInput[1] + fromState[1])
      const m = fromState[2]
      const n = Math.tanh(fromInput[2] + r * m)
      trace.reset[at] = r
      trace.update[at] = z
      trace.fresh[at] = n
      trace.recalled[at] = m
      trace.states[at + hidden] = (1 - z) * n + z * h[j]
    }
  }
  return trace
}

/**
 * Back through time. `change` [steps × hidden] is the gradient of every output. Adds the parameters' gradients to
 * `gradient` at the layer's offsets; returns those of the input and of the first state.
 */
export function gruBackward(
  { layout, weights }: GruLayer,
  trace: GruTrace,
  { change, gradient }: { change: Float64Array; gradient: Float64Array },
): GruGradient {
  const { inputs, hidden } = layout
  const inputGradient = new Float64Array(trace.input.length)
  let carried = new Float64Array(hidden)
  for (let t = trace.steps - 1; t >= 0; t--) {
    const dh = carried.map((value, j) => value + change[t * hidden + j])
    const gates = gateGradients(trace, t, dh)
    const x = trace.input.subarray(t * inputs, (t + 1) * inputs)
    const h = trace.states.subarray(t * hidden, (t + 1) * hidden)
    carried = dh.map((value, j) => value * trace.update[t * hidden + j])
    const fromInput = {
      weights: layout.inputWeights,
      bias: layout.inputBias,
      x,
      back: inputGradient.subarray(t * inputs, (t + 1) * inputs),
    }
    const fromState = { weights: layout.hiddenWeights, bias: layout.hiddenBias, x: h, back: carried }
    affineBackward(weights, gradient, { ...fromInput, slopes: gates.input })
    affineBackward(weights, gradient, { ...fromState, slopes: gates.state })
  }
  return { input: inputGradient, firstState: carried }
}

/** Gradients of the gates' sums [3·hidden, r z n] as the input and as the state sees them: they differ in n, by r. */
function gateGradients(
  trace: GruTrace,
  t: number,
  dh: Float64Array,
): { readonly input: Float64Array; readonly state: Float64Array } {
  const hidden = dh.length
  const input = new Float64Array(3 * hidden)
  const state = new Float64Array(3 * hidden)
  for (let j = 0; j < hidden; j++) {
    const at = t * hidden + j
    const r = trace.reset[at]
    const z = trace.update[at]
    const n = trace.fresh[at]
    const dn = dh[j] * (1 - z) * (1 - n * n)
    const dr = dn * trace.recalled[at] * r * (1 - r)
    const dz = dh[j] * (trace.states[at] - n) * z * (1 - z)
    input[j] = dr
    input[hidden + j] = dz
    input[2 * hidden + j] = dn
    state[j] = dr
    state[hidden + j] = dz
    state[2 * hidden + j] = dn * r
  }
  return { input, state }
}

type AffineGradient = {
  readonly weights: number
  readonly bias: number
  readonly x: Float64Array
  readonly slopes: Float64Array
  /** The gradient of x is added here. */
  readonly back: Float64Array
}

function affineBackward(
  weights: Float64Array | Float32Array,
  gradient: Float64Array,
  { x, slopes, back, ...at }: AffineGradient,
): void {
  for (let row = 0; row < slopes.length; row++) {
    const slope = slopes[row]
    const from = at.weights + row * x.length
    gradient[at.bias + row] += slope
    for (let i = 0; i < x.length; i++) {
      gradient[from + i] += slope * x[i]
      back[i] += slope * weights[from + i]
    }
  }
}
