import { madd } from "./arithmetic";
import { columnBytes, deviationsOf, paddedRows } from "./plan";

/** Columns of a tile's sides: twelve sums, two columns held and one passing by fill the registers that an engine has. */
const TALL = 2;
const WIDE = 6;

/** Rows of a strip: the wide side of a tile, 60 KB of it, stays in the second cache however long the columns are. */
const STRIP = 1280;

/**
 * Inner products of columns [top, bottom) with columns [left, right), those on and above the diagonal, as a block of
 * `pitch` doubles a row, a multiple of 6, at `products`. `top` and `left` are multiples of 6; the columns up to the next
 * multiple of `bottom` and `right` are read as well. A sum runs over the even and the odd rows of one strip after the other,
 * so it is the same in whatever block it is made.
 */
export function multiplyBlock(plan: usize, top: i32, bottom: i32, left: i32, right: i32, products: usize, pitch: i32): void {
  const rows = paddedRows(plan);
  const bytes = columnBytes(plan);
  const rowBytes = (pitch as usize) << 3;
  for (let row = 0; row < rows; row += STRIP) {
    const count = min(STRIP, rows - row);
    const strip = (row as usize) << 3;
    for (let j = left; j < right; j += WIDE) {
      const wide = deviationsOf(plan, j) + strip;
      const last = min(bottom, j + WIDE);
      for (let i = top; i < last; i += TALL) {
        const cell = products + ((i - top) as usize) * rowBytes + (((j - left) as usize) << 3);
        multiplyTile(deviationsOf(plan, i) + strip, wide, bytes, count, cell, rowBytes, row > 0);
      }
    }
  }
}

/** Two columns by six over `rows` rows, into a tile of cells or added to what it holds. */
function multiplyTile(tall: usize, wide: usize, columnBytes: usize, rows: i32, cell: usize, rowBytes: usize, adds: bool): void {
  const end = tall + ((rows as usize) << 3);
  let a0 = tall;
  let a1 = tall + columnBytes;
  let b0 = wide;
  let b1 = b0 + columnBytes;
  let b2 = b1 + columnBytes;
  let b3 = b2 + columnBytes;
  let b4 = b3 + columnBytes;
  let b5 = b4 + columnBytes;
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s02 = s00;
  let s03 = s00;
  let s04 = s00;
  let s05 = s00;
  let s10 = s00;
  let s11 = s00;
  let s12 = s00;
  let s13 = s00;
  let s14 = s00;
  let s15 = s00;
  while (a0 < end) {
    const x = v128.load(a0);
    const y = v128.load(a1);
    let z = v128.load(b0);
    s00 = madd(x, z, s00);
    s10 = madd(y, z, s10);
    z = v128.load(b1);
    s01 = madd(x, z, s01);
    s11 = madd(y, z, s11);
    z = v128.load(b2);
    s02 = madd(x, z, s02);
    s12 = madd(y, z, s12);
    z = v128.load(b3);
    s03 = madd(x, z, s03);
    s13 = madd(y, z, s13);
    z = v128.load(b4);
    s04 = madd(x, z, s04);
    s14 = madd(y, z, s14);
    z = v128.load(b5);
    s05 = madd(x, z, s05);
    s15 = madd(y, z, s15);
    a0 += 16;
    a1 += 16;
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
    b4 += 16;
    b5 += 16;
  }
  keep(cell, s00, s01, adds);
  keep(cell + 16, s02, s03, adds);
  keep(cell + 32, s04, s05, adds);
  cell += rowBytes;
  keep(cell, s10, s11, adds);
  keep(cell + 16, s12, s13, adds);
  keep(cell + 32, s14, s15, adds);
}

/** Two cells: each sum's lanes together, and what earlier strips left there. */
// @ts-ignore: decorator
@inline
function keep(cell: usize, left: v128, right: v128, adds: bool): void {
  const sums = f64x2.add(v128.shuffle<f64>(left, right, 0, 2), v128.shuffle<f64>(left, right, 1, 3));
  v128.store(cell, adds ? f64x2.add(v128.load(cell), sums) : sums);
}
