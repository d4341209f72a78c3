import { madd, sumOfLanes } from "./arithmetic";
import { deviationsOf, gapCountAt, gapsOf, momentsOf, squaresAt, sumAt, valuesOf } from "./plan";

/** Sum and squares of column i's deviations over the rows that column j has. */
// @ts-ignore: decorator
@inline
export function momentsWithout(plan: usize, i: i32, j: i32): v128 {
  const deviations = deviationsOf(plan, i);
  let gap = gapsOf(plan, j);
  const end = gap + ((gapCountAt(momentsOf(plan, j)) + 3 & ~3) as usize << 2);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let q0 = s0;
  let q1 = s0;
  for (; gap < end; gap += 16) {
    const d0 = valuesAt(deviations, gap);
    const d1 = valuesAt(deviations, gap + 8);
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    q0 = madd(d0, d0, q0);
    q1 = madd(d1, d1, q1);
  }
  const moments = momentsOf(plan, i);
  const sum = sumAt(moments) - sumOfLanes(f64x2.add(s0, s1));
  const squares = squaresAt(moments) - sumOfLanes(f64x2.add(q0, q1));
  return f64x2.replace_lane(f64x2.splat(sum), 1, squares);
}

/** Rows of column j's gaps at which column i was observed. */
// @ts-ignore: decorator
@inline
export function observedAtGaps(plan: usize, i: i32, j: i32): i32 {
  const values = valuesOf(plan, i);
  let gap = gapsOf(plan, j);
  const end = gap + ((gapCountAt(momentsOf(plan, j)) + 3 & ~3) as usize << 2);
  let count = i64x2.splat(0);
  for (; gap < end; gap += 16) {
    const x0 = valuesAt(values, gap);
    const x1 = valuesAt(values, gap + 8);
    count = i64x2.add(count, i64x2.add(f64x2.eq(x0, x0), f64x2.eq(x1, x1)));
  }
  return -((i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1)) as i32);
}

/** Of a column, the rows that two entries of a list of gaps name. */
// @ts-ignore: decorator
@inline
function valuesAt(column: usize, gap: usize): v128 {
  const first = v128.load64_zero(column + (load<u32>(gap) as usize << 3));
  return v128.load_lane<f64>(column + (load<u32>(gap, 4) as usize << 3), first, 1);
}
