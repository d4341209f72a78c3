import { madd, sigmoid, tanh } from "./arithmetic";
import { multiply, multiplyTransposed, pack, packTransposed } from "./gemm";
import {
  gateBias, gates, hiddenBias, hiddenBiasGradient, hiddenPanels, hiddenPanelsBack, hiddenWeightGradient, hiddenWeights,
  inputBias, inputBiasGradient, inputColumns, inputDepth, inputOf, inputPanels, inputPanelsBack, inputWeightGradient,
  inputWeights, outputGradient, outputs, rowsOf, stateGradient, stepsOf, units, zeros,
} from "./plan";

/*
 * One GRU layer over a whole mini-batch. Buffers are time-major: row t·rows + b is window b at step t.
 *
 * `gates` [steps·rows × 4·units] holds, side by side, m = W_hn h + b_hn and the gates r, z, n; going back it holds their
 * gradients in the same places. The recurrent product needs the first three and the input product the last three, so
 * each is one product: hidden weights stand here in the order n, r, z and input weights in the order r, z, n.
 * `outputs` [(steps + 1)·rows × units] begins with the zero state, so that row t·rows + b is the state before step t.
 */

/** Brings a layer's weights into the order in which the products read them; after every change of the weights. */
export function packLayer(layer: usize): void {
  const h = units(layer);
  const three = 3 * h;
  const inputBytes = (inputColumns(layer) as usize) << 2;
  const unitBytes = (h as usize) << 2;
  packTransposed(inputWeights(layer), inputBytes, inputDepth(layer), three, inputPanels(layer));
  packTransposed(hiddenWeights(layer), unitBytes, h, three, hiddenPanels(layer));
  pack(inputWeights(layer), inputBytes, three, inputColumns(layer), inputPanelsBack(layer));
  pack(hiddenWeights(layer), unitBytes, three, h, hiddenPanelsBack(layer));
  const bias = gateBias(layer);
  memory.copy(bias, hiddenBias(layer), 3 * unitBytes);
  memory.copy(bias + 3 * unitBytes, inputBias(layer) + 2 * unitBytes, unitBytes);
  for (let at: usize = 0; at < 2 * unitBytes; at += 16) {
    const both = f32x4.add(v128.load(bias + unitBytes + at), v128.load(inputBias(layer) + at));
    v128.store(bias + unitBytes + at, both);
  }
}

/** Runs the layer over its input, filling `gates` and `outputs`. */
export function forwardLayer(plan: usize, layer: usize): void {
  const rows = rowsOf(plan);
  const steps = stepsOf(plan);
  const h = units(layer);
  const unitBytes = (h as usize) << 2;
  const gateBytes: usize = unitBytes << 2;
  const gate = gates(layer);
  const bias = gateBias(layer);
  const blockBytes = (rows as usize) * gateBytes;
  multiply(steps * rows, 3 * h, inputDepth(layer), inputOf(layer), (inputColumns(layer) as usize) << 2, inputPanels(layer),
    gate + unitBytes, gateBytes, bias + unitBytes, 0);
  // The state before the first step is zero and adds nothing.
  for (let row = 0; row < rows; row++) memory.copy(gate + (row as usize) * gateBytes, bias, unitBytes);
  const gatePanels = hiddenPanels(layer) + (unitBytes * (h as usize));
  let state = outputs(layer);
  let block = gate;
  for (let t = 0; t < steps; t++) {
    if (t > 0) {
      multiply(rows, h, h, state, unitBytes, hiddenPanels(layer), block, gateBytes, bias, 0);
      multiply(rows, 2 * h, h, state, unitBytes, gatePanels, block + unitBytes, gateBytes, block + unitBytes, gateBytes);
    }
    forwardStep(rows, unitBytes, block, state, state + (rows as usize) * unitBytes);
    state += (rows as usize) * unitBytes;
    block += blockBytes;
  }
}

/** r = σ(r), z = σ(z), n = tanh(n + r·m), next = (1 − z)·n + z·state, for all rows of one step. */
function forwardStep(rows: i32, unitBytes: usize, block: usize, state: usize, next: usize): void {
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let at: usize = 0; at < unitBytes; at += 16) {
      const m = block + at;
      const r = sigmoid(v128.load(m + unitBytes));
      const z = sigmoid(v128.load(m + 2 * unitBytes));
      const n = tanh(madd(r, v128.load(m), v128.load(m + 3 * unitBytes)));
      v128.store(m + unitBytes, r);
      v128.store(m + 2 * unitBytes, z);
      v128.store(m + 3 * unitBytes, n);
      v128.store(next + at, madd(z, v128.load(state + at), f32x4.mul(f32x4.sub(one, z), n)));
    }
    block += 4 * unitBytes;
    state += unitBytes;
    next += unitBytes;
  }
}

/**
 * Goes back through time. Expects in `stateGradient` the gradient of the last state from the dense unit (top layer) or
 * zeros, and in `outputGradient` that of every output (0: the layer is the top one). Leaves the gradients of the
 * parameters, and of the gates in `gates`.
 */
export function backwardLayer(plan: usize, layer: usize): void {
  const rows = rowsOf(plan);
  const steps = stepsOf(plan);
  const h = units(layer);
  const unitBytes = (h as usize) << 2;
  const gateBytes: usize = unitBytes << 2;
  const stateBytes = (rows as usize) * unitBytes;
  const gate = gates(layer);
  const change = stateGradient(plan);
  const above = outputGradient(layer);
  for (let t = steps - 1; t >= 0; t--) {
    const block = gate + (t as usize) * (rows as usize) * gateBytes;
    const fromAbove: usize = above == 0 ? 0 : above + (t as usize) * stateBytes;
    backwardStep(rows, unitBytes, block, outputs(layer) + (t as usize) * stateBytes, change, fromAbove);
    if (t > 0) multiply(rows, h, 3 * h, block, gateBytes, hiddenPanelsBack(layer), change, unitBytes, change, unitBytes);
  }
  parameterGradients(plan, layer);
}

/** Gate gradients of one step in place of the gates; `change` becomes the part of the state's gradient that z carries. */
function backwardStep(rows: i32, unitBytes: usize, block: usize, state: usize, change: usize, above: usize): void {
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    for (let at: usize = 0; at < unitBytes; at += 16) {
      const place = block + at;
      const m = v128.load(place);
      const r = v128.load(place + unitBytes);
      const z = v128.load(place + 2 * unitBytes);
      const n = v128.load(place + 3 * unitBytes);
      let dh = v128.load(change + at);
      if (above != 0) dh = f32x4.add(dh, v128.load(above + at));
      const dn = f32x4.mul(f32x4.mul(dh, f32x4.sub(one, z)), f32x4.sub(one, f32x4.mul(n, n)));
      const dz = f32x4.mul(f32x4.mul(dh, f32x4.sub(v128.load(state + at), n)), f32x4.mul(z, f32x4.sub(one, z)));
      const dr = f32x4.mul(f32x4.mul(dn, m), f32x4.mul(r, f32x4.sub(one, r)));
      v128.store(place, f32x4.mul(dn, r));
      v128.store(place + unitBytes, dr);
      v128.store(place + 2 * unitBytes, dz);
      v128.store(place + 3 * unitBytes, dn);
      v128.store(change + at, f32x4.mul(dh, z));
    }
    block += 4 * unitBytes;
    state += unitBytes;
    change += unitBytes;
    if (above != 0) above += unitBytes;
  }
}

function parameterGradients(plan: usize, layer: usize): void {
  const rows = rowsOf(plan);
  const count = stepsOf(plan) * rows;
  const h = units(layer);
  const unitBytes = (h as usize) << 2;
  const gateBytes: usize = unitBytes << 2;
  const gate = gates(layer);
  const inputBytes = (inputColumns(layer) as usize) << 2;
  multiplyTransposed(3 * h, inputColumns(layer), count, gate + unitBytes, gateBytes, inputOf(layer), inputBytes,
    inputWeightGradient(layer), inputBytes);
  // The state before the first step is zero, so its rows add nothing.
  multiplyTransposed(3 * h, h, count - rows, gate + (rows as usize) * gateBytes, gateBytes,
    outputs(layer) + (rows as usize) * unitBytes, unitBytes, hiddenWeightGradient(layer), unitBytes);
  for (let at: usize = 0; at < gateBytes; at += 16) {
    let sum = f32x4.splat(0);
    let from = gate + at;
    for (let row = 0; row < count; row++) {
      sum = f32x4.add(sum, v128.load(from));
      from += gateBytes;
    }
    if (at < 3 * unitBytes) v128.store(hiddenBiasGradient(layer) + at, sum);
    if (at >= unitBytes) v128.store(inputBiasGradient(layer) + (at - unitBytes), sum);
  }
}

/** The gradient of the layer's input, [steps·rows × inputColumns], to `to`; after `backwardLayer`. */
export function inputGradient(plan: usize, layer: usize, to: usize): void {
  const unitBytes = (units(layer) as usize) << 2;
  const columns = inputColumns(layer);
  multiply(stepsOf(plan) * rowsOf(plan), columns, 3 * units(layer), gates(layer) + unitBytes, 4 * unitBytes,
    inputPanelsBack(layer), to, (columns as usize) << 2, zeros(plan), 0);
}
