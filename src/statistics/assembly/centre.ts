import { madd, sumOfLanes } from "./arithmetic";
import { deviationsOf, gapsOf, momentsOf, paddedRows, rowsOf, valuesOf } from "./plan";

/** Squares whose products with one another a double can hold. */
const SMALLEST: f64 = 1e-140;
const LARGEST: f64 = 1e140;

/**
 * Writes a column about its mean to its deviations, 0 where it is NaN, lists the rows where it is, and leaves its moments.
 */
export function centre(plan: usize, column: i32): void {
  const rows = rowsOf(plan);
  const padded = paddedRows(plan);
  const values = valuesOf(plan, column);
  const end = values + ((padded as usize) << 3);
  const gaps = listGaps(values, end, gapsOf(plan, column));
  const mean = meanOf(values, end, padded - gaps);
  const m = f64x2.splat(mean);
  let to = deviationsOf(plan, column);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  for (let at = values; at < end; at += 32) {
    const d0 = observed(f64x2.sub(v128.load(at), m));
    const d1 = observed(f64x2.sub(v128.load(at, 16), m));
    v128.store(to, d0);
    v128.store(to, d1, 16);
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    q0 = madd(d0, d0, q0);
    q1 = madd(d1, d1, q1);
    to += 32;
  }
  const squares = sumOfLanes(f64x2.add(q0, q1));
  const moments = momentsOf(plan, column);
  store<f64>(moments, sumOfLanes(f64x2.add(s0, s1)));
  store<f64>(moments, squares, 8);
  store<f64>(moments, scaleOf(squares, mean, rows), 16);
  store<i32>(moments, gaps - (padded - rows), 24);
}

/** The lanes that are not NaN, the others 0. */
// @ts-ignore: decorator
@inline
function observed(v: v128): v128 {
  return v128.and(v, f64x2.eq(v, v));
}

/** How many values are NaN, the padding among them, and their rows; behind them the last of these, which pads the list. */
function listGaps(values: usize, end: usize, gaps: usize): i32 {
  const first = gaps;
  for (let at = values; at < end; at += 16) {
    const v = v128.load(at);
    if (i64x2.all_true(f64x2.eq(v, v))) continue;
    for (let lane = at; lane < at + 16; lane += 8) {
      const x = load<f64>(lane);
      if (x == x) continue;
      store<i32>(gaps, ((lane - values) >> 3) as i32);
      gaps += 4;
    }
  }
  v128.store(gaps, i32x4.splat(((end - values - 8) >> 3) as i32));
  return ((gaps - first) >> 2) as i32;
}

/** Mean of the `count` values that are not NaN, summed about the first of them; NaN for none. */
function meanOf(values: usize, end: usize, count: i32): f64 {
  let first = values;
  while (first < end && load<f64>(first) != load<f64>(first)) first += 8;
  if (first == end) return NaN;
  const origin = load<f64>(first);
  const o = f64x2.splat(origin);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  for (let at = values; at < end; at += 32) {
    s0 = f64x2.add(s0, observed(f64x2.sub(v128.load(at), o)));
    s1 = f64x2.add(s1, observed(f64x2.sub(v128.load(at, 16), o)));
  }
  return origin + sumOfLanes(f64x2.add(s0, s1)) / count;
}

/** How many times what `pearson` takes for rounding a column's squares must be, for the rounding of its mean not to show in r. */
const CLEARANCE: f64 = 1e12;

/** 1 / √squares; NaN where they are little more than rounding, or so small or large that products of theirs are no doubles. */
function scaleOf(squares: f64, mean: f64, rows: i32): f64 {
  const rounding = 8 * f64.EPSILON * mean;
  const isClear = squares > CLEARANCE * (rows as f64) * rounding * rounding && squares > SMALLEST && squares < LARGEST;
  return isClear ? 1 / sqrt(squares) : NaN;
}
