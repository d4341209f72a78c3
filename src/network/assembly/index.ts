import { adamStep } from "./adam";
import { backwardDense, forwardDense, lossOfBatch } from "./dense";
import { dropOut } from "./dropout";
import { backwardLayer, forwardLayer, inputGradient, packLayer } from "./gru";
import {
  frame, frameColumns, inputOf, layerOf, layersOf, outputGradient, outputs, rowsOf, stateGradient, stepsOf, units, windowEnds,
} from "./plan";

/*
 * The GRU network's forward pass, backward pass and Adam over one mini-batch in one call. Nothing is allocated: every
 * buffer is in the plan. The same source makes two modules, with and without relaxed SIMD.
 */

/** First address that the module's own tables (of exp and log) leave free. */
export function firstFreeByte(): usize {
  return __heap_base;
}

/** Prepares the products after the host has written the parameters. */
export function packWeights(plan: usize): void {
  for (let i = 0; i < layersOf(plan); i++) packLayer(layerOf(plan, i));
}

/** Copies the windows that end at rows windowEnds[first … first + count) of the frame into the first layer's input. */
function gatherWindows(plan: usize, first: i32, count: i32): void {
  const steps = stepsOf(plan);
  const rows = rowsOf(plan);
  const rowBytes = (frameColumns(plan) as usize) << 2;
  const to = inputOf(layerOf(plan, 0));
  for (let b = 0; b < rows; b++) {
    // Rows beyond the last window repeat the first; their loss has no gradient.
    const window = load<i32>(windowEnds(plan) + ((first + (b < count ? b : 0)) as usize << 2));
    for (let t = 0; t < steps; t++) {
      const from = frame(plan) + ((window - steps + 1 + t) as usize) * rowBytes;
      const row = to + ((t * rows + b) as usize) * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16) v128.store(row + at, v128.load(from + at));
    }
  }
}

/** Key of the mask behind layer `i` in a mini-batch whose key is `key`. */
// @ts-ignore: decorator
@inline
function maskKey(key: i32, i: i32): i32 {
  return key ^ ((i + 1) * 0x9e3779b9);
}

function forward(plan: usize, key: i32, threshold: u32, scale: f32): void {
  const last = layersOf(plan) - 1;
  for (let i = 0; i <= last; i++) {
    const layer = layerOf(plan, i);
    forwardLayer(plan, layer);
    if (i == last) break;
    const values = stepsOf(plan) * rowsOf(plan) * units(layer);
    const from = outputs(layer) + ((rowsOf(plan) * units(layer)) as usize << 2);
    dropOut(from, inputOf(layerOf(plan, i + 1)), values, maskKey(key, i), threshold, scale);
  }
  forwardDense(plan);
}

function backward(plan: usize, first: i32, count: i32, key: i32, threshold: u32, scale: f32): void {
  backwardDense(plan, first, count);
  for (let i = layersOf(plan) - 1; i >= 0; i--) {
    const layer = layerOf(plan, i);
    backwardLayer(plan, layer);
    if (i == 0) break;
    const below = layerOf(plan, i - 1);
    const values = stepsOf(plan) * rowsOf(plan) * units(below);
    inputGradient(plan, layer, outputGradient(below));
    dropOut(outputGradient(below), outputGradient(below), values, maskKey(key, i - 1), threshold, scale);
    memory.fill(stateGradient(plan), 0, (rowsOf(plan) * units(below)) as usize << 2);
  }
}

/** Probabilities of `count` windows, nothing dropped; returns their summed loss. */
export function evaluate(plan: usize, first: i32, count: i32): f64 {
  gatherWindows(plan, first, count);
  forward(plan, 0, 0, 1);
  return lossOfBatch(plan, first, count);
}

/** As `evaluate` with dropout, and leaves the gradients of the mean loss. Packed weights must be current. */
export function differentiate(plan: usize, first: i32, count: i32, key: i32, threshold: u32, scale: f32): f64 {
  gatherWindows(plan, first, count);
  forward(plan, key, threshold, scale);
  const loss = lossOfBatch(plan, first, count);
  backward(plan, first, count, key, threshold, scale);
  return loss;
}

/** One mini-batch of training: forward, backward, Adam, and the weights packed for the next. Returns the summed loss. */
export function train(plan: usize, first: i32, count: i32, key: i32, threshold: u32, scale: f32, stepSize: f32, rootScale: f32): f64 {
  const loss = differentiate(plan, first, count, key, threshold, scale);
  adamStep(plan, stepSize, rootScale);
  packWeights(plan);
  return loss;
}
