/**
 * The plan is a table of 32-bit words that the host writes once: sizes and the addresses of every buffer. Sizes are
 * padded by the host (columns to multiples of 8, batch rows to a multiple of 4 unless there is but one) with zeros that stay zero, so that no
 * loop here has a tail. `src/network/kernel-plan.ts` writes it and says what each word means; the order is the same.
 */
// @ts-ignore: decorator
@inline
function word(table: usize, index: i32): i32 {
  return load<i32>(table + ((index as usize) << 2));
}

// @ts-ignore: decorator
@inline
function address(table: usize, index: i32): usize {
  return load<u32>(table + ((index as usize) << 2)) as usize;
}

const LAYER_BYTES: usize = 20 << 2;

export function stepsOf(plan: usize): i32 { return word(plan, 0); }
export function rowsOf(plan: usize): i32 { return word(plan, 1); }
export function layersOf(plan: usize): i32 { return word(plan, 2); }
export function parameterFloats(plan: usize): i32 { return word(plan, 3); }
export function parameters(plan: usize): usize { return address(plan, 4); }
export function gradients(plan: usize): usize { return address(plan, 5); }
export function firstMoment(plan: usize): usize { return address(plan, 6); }
export function secondMoment(plan: usize): usize { return address(plan, 7); }
export function frame(plan: usize): usize { return address(plan, 8); }
export function frameColumns(plan: usize): i32 { return word(plan, 9); }
export function windowEnds(plan: usize): usize { return address(plan, 10); }
export function labels(plan: usize): usize { return address(plan, 11); }
export function probabilities(plan: usize): usize { return address(plan, 12); }
export function denseWeights(plan: usize): usize { return address(plan, 13); }
export function denseBias(plan: usize): usize { return address(plan, 14); }
export function denseWeightGradient(plan: usize): usize { return address(plan, 15); }
export function denseBiasGradient(plan: usize): usize { return address(plan, 16); }
export function stateGradient(plan: usize): usize { return address(plan, 17); }
export function zeros(plan: usize): usize { return address(plan, 19); }
export function layerOf(plan: usize, index: i32): usize { return address(plan, 18) + (index as usize) * LAYER_BYTES; }

/** Columns of a layer's input buffer, and how many of them the forward product reads. */
export function inputColumns(layer: usize): i32 { return word(layer, 0); }
export function inputDepth(layer: usize): i32 { return word(layer, 1); }
export function units(layer: usize): i32 { return word(layer, 2); }
export function inputWeights(layer: usize): usize { return address(layer, 3); }
export function hiddenWeights(layer: usize): usize { return address(layer, 4); }
export function inputBias(layer: usize): usize { return address(layer, 5); }
export function hiddenBias(layer: usize): usize { return address(layer, 6); }
export function inputWeightGradient(layer: usize): usize { return address(layer, 7); }
export function hiddenWeightGradient(layer: usize): usize { return address(layer, 8); }
export function inputBiasGradient(layer: usize): usize { return address(layer, 9); }
export function hiddenBiasGradient(layer: usize): usize { return address(layer, 10); }
export function inputPanels(layer: usize): usize { return address(layer, 11); }
export function hiddenPanels(layer: usize): usize { return address(layer, 12); }
export function inputPanelsBack(layer: usize): usize { return address(layer, 13); }
export function hiddenPanelsBack(layer: usize): usize { return address(layer, 14); }
export function gateBias(layer: usize): usize { return address(layer, 15); }
export function gates(layer: usize): usize { return address(layer, 16); }
export function outputs(layer: usize): usize { return address(layer, 17); }
export function outputGradient(layer: usize): usize { return address(layer, 18); }
export function inputOf(layer: usize): usize { return address(layer, 19); }
