import { judgeColumn, judgeCommon, judgeWhole } from "./judge";
import { columnsOf, gapCountAt, momentsOf, sideOf } from "./plan";
import { multiplyBlock } from "./products";

/*
 * Pearson's correlation of many columns with one another. Nothing is allocated and the module holds no state: every buffer
 * is in the plan. The same source makes two modules, with and without relaxed SIMD.
 */
export { centre } from "./centre";

/**
 * Coefficients and counts of a block of columns from `top` and from `left` on, those on and above the diagonal, once all
 * columns are centred; both are multiples of the block's side. At `desk` lie products, then the pairs that must be judged
 * as they came, as (i, j), with NaN for their coefficient; returns how many these are.
 */
export function correlateBlock(plan: usize, top: i32, left: i32, desk: usize): i32 {
  const side = sideOf(plan);
  const bottom = min(top + side, columnsOf(plan));
  const right = min(left + side, columnsOf(plan));
  multiplyBlock(plan, top, bottom, left, right, desk, side);
  const open = desk + ((side * side) as usize << 3);
  let last = open;
  for (let i = top; i < bottom; i++) {
    if (i >= left) last = judgeColumn(plan, i, last);
    const row = desk + ((i - top) * side as usize << 3);
    for (let j = max(i + 1, left); j < right; j++) {
      const product = load<f64>(row + ((j - left) as usize << 3));
      const gaps = gapCountAt(momentsOf(plan, i)) + gapCountAt(momentsOf(plan, j));
      last = gaps > 0 ? judgeCommon(plan, i, j, product, last) : judgeWhole(plan, i, j, product, last);
    }
  }
  return ((last - open) >> 3) as i32;
}
