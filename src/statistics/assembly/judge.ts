import { momentsWithout, observedAtGaps } from "./gaps";
import { coefficients, columnsOf, gapCountAt, momentsOf, observations, rowsOf, scaleAt, squaresAt } from "./plan";

/**
 * The least part of a column's squares that must lie in the rows which another column shares. Below it the difference
 * between all rows and the missing ones would cost more than two of sixteen digits.
 */
const LEAST_PART: f64 = 1.0 / 64;

/**
 * Writes coefficient and count of a column with itself. One that must be judged as it came is listed at `open`, with NaN for its
 * coefficient; returns the end of that list, as do the others.
 */
export function judgeColumn(plan: usize, i: i32, open: usize): usize {
  const moments = momentsOf(plan, i);
  const r = scaleAt(moments) > 0 ? 1 : NaN;
  return settle(plan, i, i, r, rowsOf(plan) - gapCountAt(moments), open);
}

/** Columns i < j without a gap, of whose deviations `product` is the inner product. */
export function judgeWhole(plan: usize, i: i32, j: i32, product: f64, open: usize): usize {
  return settle(plan, i, j, product * scaleAt(momentsOf(plan, i)) * scaleAt(momentsOf(plan, j)), rowsOf(plan), open);
}

/**
 * Columns i < j with gaps, over the rows that both have. Of the product the others are no part already, since a deviation
 * that is missing counts as 0; of each column's moments they are taken back.
 */
export function judgeCommon(plan: usize, i: i32, j: i32, product: f64, open: usize): usize {
  const a = momentsOf(plan, i);
  const b = momentsOf(plan, j);
  const own = momentsWithout(plan, i, j);
  const other = momentsWithout(plan, j, i);
  const common = rowsOf(plan) - gapCountAt(a) - observedAtGaps(plan, i, j);
  const n = common as f64;
  const sumA = f64x2.extract_lane(own, 0);
  const sumB = f64x2.extract_lane(other, 0);
  const aa = f64x2.extract_lane(own, 1) - (sumA * sumA) / n;
  const bb = f64x2.extract_lane(other, 1) - (sumB * sumB) / n;
  const isEnough = aa > LEAST_PART * squaresAt(a) && bb > LEAST_PART * squaresAt(b);
  const isClear = scaleAt(a) * scaleAt(b) > 0;
  const r = isEnough && isClear ? (product - (sumA * sumB) / n) / sqrt(aa * bb) : NaN;
  return settle(plan, i, j, r, common, open);
}

// @ts-ignore: decorator
@inline
function settle(plan: usize, i: i32, j: i32, r: f64, common: i32, open: usize): usize {
  const cell = (i * columnsOf(plan) - ((i * (i - 1)) >> 1) + j - i) as usize;
  store<f64>(coefficients(plan) + (cell << 3), max<f64>(-1, min<f64>(1, r)));
  store<i32>(observations(plan) + (cell << 2), common);
  if (r == r) return open;
  store<i32>(open, i);
  store<i32>(open, j, 4);
  return open + 8;
}
