import { madd } from "./arithmetic";

/** Columns of one panel of a packed matrix. */
const PANEL = 8;

/**
 * Packs B [k × n] into panels of 8 columns, [n/8][k][8], so that the product reads it front to back. Element (row, column)
 * of B stands at `from + row·rowBytes + column·4`. n is a multiple of 8.
 */
export function pack(from: usize, rowBytes: usize, k: i32, n: i32, to: usize): void {
  for (let column = 0; column < n; column += PANEL) {
    let source = from + ((column as usize) << 2);
    for (let row = 0; row < k; row++) {
      v128.store(to, v128.load(source));
      v128.store(to, v128.load(source, 16), 16);
      source += rowBytes;
      to += 32;
    }
  }
}

/**
 * Packs the transpose of B [n × k], element (row, column) at `from + row·rowBytes + column·4`, into panels [n/8][k][8].
 * n is a multiple of 8, k of 4.
 */
export function packTransposed(from: usize, rowBytes: usize, k: i32, n: i32, to: usize): void {
  for (let row = 0; row < n; row += PANEL) {
    const panel = from + (row as usize) * rowBytes;
    for (let column = 0; column < k; column += 4) {
      const source = panel + ((column as usize) << 2);
      transposeBlock(source, rowBytes, to);
      transposeBlock(source + 4 * rowBytes, rowBytes, to + 16);
      to += 128;
    }
  }
}

/** Writes the transpose of a 4 × 4 block to rows of 32 bytes. */
// @ts-ignore: decorator
@inline
function transposeBlock(from: usize, rowBytes: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + rowBytes);
  const c = v128.load(from + 2 * rowBytes);
  const d = v128.load(from + 3 * rowBytes);
  const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab01, cd01, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab01, cd01, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(ab23, cd23, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab23, cd23, 2, 3, 6, 7), 96);
}

/**
 * C [m × n] = init + A [m × k] · B, B packed. Rows of A and C stand `aBytes` and `cBytes` apart, rows of `init`
 * `initBytes` (0: one row for all). `init` may be C itself. k is a multiple of 4, n of 8. Sums run over k in order.
 */
export function multiply(m: i32, n: i32, k: i32, a: usize, aBytes: usize, b: usize, c: usize, cBytes: usize, init: usize, initBytes: usize): void {
  const panelBytes = (k as usize) << 5;
  const whole = m & ~3;
  for (let column = 0; column < n; column += PANEL) {
    const panel = b + ((column / PANEL) as usize) * panelBytes;
    let a0 = a;
    let i0 = init + ((column as usize) << 2);
    let c0 = c + ((column as usize) << 2);
    for (let row = 0; row < whole; row += 4) {
      multiplyTile(k, a0, aBytes, panel, c0, cBytes, i0, initBytes);
      a0 += 4 * aBytes;
      i0 += 4 * initBytes;
      c0 += 4 * cBytes;
    }
  }
  for (let row = whole; row < m; row++) {
    multiplyRow(n, k, a + (row as usize) * aBytes, b, c + (row as usize) * cBytes, init + (row as usize) * initBytes);
  }
}

/** One row of C: three panels at a time, so that six sums hide one another's latency, then what is left one by one. */
function multiplyRow(n: i32, k: i32, a: usize, b: usize, c: usize, init: usize): void {
  const panelBytes = (k as usize) << 5;
  let column = 0;
  for (; column + 3 * PANEL <= n; column += 3 * PANEL) {
    multiplyRowTile(k, a, b, panelBytes, c, init);
    b += 3 * panelBytes;
    init += 96;
    c += 96;
  }
  for (; column < n; column += PANEL) {
    let s0 = v128.load(init);
    let s1 = v128.load(init, 16);
    for (let i = 0; i < k; i++) {
      const x = v128.load32_splat(a + ((i as usize) << 2));
      s0 = madd(x, v128.load(b), s0);
      s1 = madd(x, v128.load(b, 16), s1);
      b += 32;
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    init += 32;
    c += 32;
  }
}

// @ts-ignore: decorator
@inline
function multiplyRowTile(k: i32, a: usize, b: usize, panelBytes: usize, c: usize, init: usize): void {
  let b1 = b + panelBytes;
  let b2 = b1 + panelBytes;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  let s10 = v128.load(init, 32);
  let s11 = v128.load(init, 48);
  let s20 = v128.load(init, 64);
  let s21 = v128.load(init, 80);
  const end = a + ((k as usize) << 2);
  while (a < end) {
    let x = v128.load32_splat(a);
    s00 = madd(x, v128.load(b), s00);
    s01 = madd(x, v128.load(b, 16), s01);
    s10 = madd(x, v128.load(b1), s10);
    s11 = madd(x, v128.load(b1, 16), s11);
    s20 = madd(x, v128.load(b2), s20);
    s21 = madd(x, v128.load(b2, 16), s21);
    x = v128.load32_splat(a, 4);
    s00 = madd(x, v128.load(b, 32), s00);
    s01 = madd(x, v128.load(b, 48), s01);
    s10 = madd(x, v128.load(b1, 32), s10);
    s11 = madd(x, v128.load(b1, 48), s11);
    s20 = madd(x, v128.load(b2, 32), s20);
    s21 = madd(x, v128.load(b2, 48), s21);
    b += 64;
    b1 += 64;
    b2 += 64;
    a += 8;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c, s10, 32);
  v128.store(c, s11, 48);
  v128.store(c, s20, 64);
  v128.store(c, s21, 80);
}

// @ts-ignore: decorator
@inline
function multiplyTile(k: i32, a: usize, aBytes: usize, b: usize, c: usize, cBytes: usize, init: usize, initBytes: usize): void {
  let p0 = a;
  let p1 = a + aBytes;
  let p2 = a + 2 * aBytes;
  let p3 = a + 3 * aBytes;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  let s10 = v128.load(init + initBytes);
  let s11 = v128.load(init + initBytes, 16);
  let s20 = v128.load(init + 2 * initBytes);
  let s21 = v128.load(init + 2 * initBytes, 16);
  let s30 = v128.load(init + 3 * initBytes);
  let s31 = v128.load(init + 3 * initBytes, 16);
  const end = p0 + ((k as usize) << 2);
  while (p0 < end) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let x = v128.load32_splat(p0);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load32_splat(p1);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load32_splat(p2);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load32_splat(p3);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);

    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(p0, 4);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load32_splat(p1, 4);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load32_splat(p2, 4);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load32_splat(p3, 4);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);

    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(p0, 8);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load32_splat(p1, 8);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load32_splat(p2, 8);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load32_splat(p3, 8);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);

    b0 = v128.load(b, 96);
    b1 = v128.load(b, 112);
    x = v128.load32_splat(p0, 12);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load32_splat(p1, 12);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load32_splat(p2, 12);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load32_splat(p3, 12);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);

    b += 128;
    p0 += 16;
    p1 += 16;
    p2 += 16;
    p3 += 16;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c + cBytes, s10);
  v128.store(c + cBytes, s11, 16);
  v128.store(c + 2 * cBytes, s20);
  v128.store(c + 2 * cBytes, s21, 16);
  v128.store(c + 3 * cBytes, s30);
  v128.store(c + 3 * cBytes, s31, 16);
}

/**
 * C [m × n] = Aᵀ · B for A [k × m] and B [k × n], rows `aBytes`, `bBytes` and `cBytes` apart: the gradient of a weight
 * over all rows of a mini-batch at once. m is a multiple of 4, n of 8. Sums run over k in order.
 */
export function multiplyTransposed(m: i32, n: i32, k: i32, a: usize, aBytes: usize, b: usize, bBytes: usize, c: usize, cBytes: usize): void {
  for (let column = 0; column < n; column += PANEL) {
    let a0 = a;
    let c0 = c;
    for (let row = 0; row < m; row += 4) {
      transposedTile(k, a0, aBytes, b, bBytes, c0, cBytes);
      a0 += 16;
      c0 += 4 * cBytes;
    }
    b += 32;
    c += 32;
  }
}

// @ts-ignore: decorator
@inline
function transposedTile(k: i32, a: usize, aBytes: usize, b: usize, bBytes: usize, c: usize, cBytes: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let i = 0; i < k; i++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load32_splat(a, 4);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load32_splat(a, 8);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load32_splat(a, 12);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);
    a += aBytes;
    b += bBytes;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c + cBytes, s10);
  v128.store(c + cBytes, s11, 16);
  v128.store(c + 2 * cBytes, s20);
  v128.store(c + 2 * cBytes, s21, 16);
  v128.store(c + 3 * cBytes, s30);
  v128.store(c + 3 * cBytes, s31, 16);
}
