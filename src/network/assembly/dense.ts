import { madd, sumOfLanes } from "./arithmetic";
import {
  denseBias, denseBiasGradient, denseWeightGradient, denseWeights, labels, layerOf, layersOf, outputs,
  probabilities, rowsOf, stateGradient, stepsOf, units, windowEnds,
} from "./plan";

function lastState(plan: usize, layer: usize): usize {
  return outputs(layer) + ((stepsOf(plan) * rowsOf(plan) * units(layer)) as usize << 2);
}

/** probability[b] = σ(w·state[b] + bias) for every row; σ in float64, once a window. */
export function forwardDense(plan: usize): void {
  const layer = layerOf(plan, layersOf(plan) - 1);
  const unitBytes = (units(layer) as usize) << 2;
  const weights = denseWeights(plan);
  const bias = load<f32>(denseBias(plan));
  let state = lastState(plan, layer);
  for (let row = 0; row < rowsOf(plan); row++) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < unitBytes; at += 16) sum = madd(v128.load(state + at), v128.load(weights + at), sum);
    const logit = (sumOfLanes(sum) + bias) as f64;
    store<f64>(probabilities(plan) + ((row as usize) << 3), 1 / (1 + Math.exp(-logit)));
    state += unitBytes;
  }
}

/** The binary cross-entropy of one window, each logarithm clamped at −100. */
function lossOf(p: f64, y: f64): f64 {
  return -(y * max(Math.log(p), -100) + (1 - y) * max(Math.log(1 - p), -100));
}

// @ts-ignore: decorator
@inline
function labelOf(plan: usize, window: usize): f64 {
  return load<u8>(labels(plan) + (load<i32>(window) as usize)) as f64;
}

/** The summed loss of `count` windows whose ends stand from `first` on, after `forwardDense`. */
export function lossOfBatch(plan: usize, first: i32, count: i32): f64 {
  let sum: f64 = 0;
  for (let row = 0; row < count; row++) {
    const window = windowEnds(plan) + ((first + row) as usize << 2);
    sum += lossOf(load<f64>(probabilities(plan) + ((row as usize) << 3)), labelOf(plan, window));
  }
  return sum;
}

/**
 * Gradient of the mean loss: of the dense unit's parameters, and of the last state to `stateGradient`. With respect to p
 * it is (p − y) / max(p(1 − p), 1e-12), as PyTorch's `BCELoss`; rows beyond `count` have none.
 */
export function backwardDense(plan: usize, first: i32, count: i32): void {
  const layer = layerOf(plan, layersOf(plan) - 1);
  const unitBytes = (units(layer) as usize) << 2;
  const weights = denseWeights(plan);
  const gradient = denseWeightGradient(plan);
  let state = lastState(plan, layer);
  let change = stateGradient(plan);
  let biasSum: f64 = 0;
  memory.fill(gradient, 0, unitBytes);
  for (let row = 0; row < rowsOf(plan); row++) {
    let slope: f64 = 0;
    if (row < count) {
      const p = load<f64>(probabilities(plan) + ((row as usize) << 3));
      const y = labelOf(plan, windowEnds(plan) + ((first + row) as usize << 2));
      const width = p * (1 - p);
      slope = (p - y) / max(width, (<f32>1e-12) as f64) * width / (count as f64);
    }
    biasSum += slope;
    const slopes = f32x4.splat(slope as f32);
    for (let at: usize = 0; at < unitBytes; at += 16) {
      v128.store(change + at, f32x4.mul(slopes, v128.load(weights + at)));
      v128.store(gradient + at, madd(slopes, v128.load(state + at), v128.load(gradient + at)));
    }
    state += unitBytes;
    change += unitBytes;
  }
  store<f32>(denseBiasGradient(plan), biasSum as f32);
}
