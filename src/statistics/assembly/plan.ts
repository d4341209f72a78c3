/**
 * The plan is a table of 32-bit words that the host writes once: sizes and the address of every buffer.
 * `correlation-layout.ts` writes it and says what each word means; the order is the same. A column's rows are padded with
 * NaN to a multiple of 4, and so is its list of gaps with rows of that padding, so that no loop has a tail.
 */
// @ts-ignore: decorator
@inline
function address(plan: usize, index: i32): usize {
  return load<u32>(plan + ((index as usize) << 2)) as usize;
}

export function columnsOf(plan: usize): i32 { return address(plan, 0) as i32; }
export function rowsOf(plan: usize): i32 { return address(plan, 1) as i32; }
/** Rows with the padding: one NaN at least. */
export function paddedRows(plan: usize): i32 { return (rowsOf(plan) + 4) & ~3; }
export function columnBytes(plan: usize): usize { return address(plan, 2); }
export function valuesOf(plan: usize, column: i32): usize { return address(plan, 3) + (column as usize) * columnBytes(plan); }
export function deviationsOf(plan: usize, column: i32): usize {
  return address(plan, 4) + (column as usize) * columnBytes(plan);
}
/** Rows at which a column was not observed, ascending. */
export function gapsOf(plan: usize, column: i32): usize {
  return address(plan, 5) + (((column as usize) * columnBytes(plan)) >> 1);
}
export function momentsOf(plan: usize, column: i32): usize { return address(plan, 6) + ((column as usize) << 5); }
export function coefficients(plan: usize): usize { return address(plan, 7); }
export function observations(plan: usize): usize { return address(plan, 8); }
/** Columns of a block's side. */
export function sideOf(plan: usize): i32 { return address(plan, 9) as i32; }

/** What a column's deviations sum to: rounding. */
export function sumAt(moments: usize): f64 { return load<f64>(moments); }
export function squaresAt(moments: usize): f64 { return load<f64>(moments, 8); }
/** 1 / √squares; NaN where the column must be judged as it came. */
export function scaleAt(moments: usize): f64 { return load<f64>(moments, 16); }
export function gapCountAt(moments: usize): i32 { return load<i32>(moments, 24); }
