/**
 * Scrambles a 32-bit counter: every output bit depends on every input bit (the `lowbias32` integer hash of
 * Chris Wellons' hash-prospector), so that the mask of an element needs no state and no memory.
 */
// @ts-ignore: decorator
@inline
function scramble(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * to[i] = from[i]·scale where scramble(i xor key) ≥ threshold (unsigned), else 0, for `count` floats (a multiple of 4).
 * The same key masks the outputs going forward and their gradient going back. `to` may be `from`.
 */
export function dropOut(from: usize, to: usize, count: i32, key: i32, threshold: u32, scale: f32): void {
  const keys = i32x4.splat(key);
  const bound = i32x4.splat(threshold as i32);
  const scales = f32x4.splat(scale);
  let index = i32x4(0, 1, 2, 3);
  const end = from + ((count as usize) << 2);
  while (from < end) {
    const isKept = i32x4.ge_u(scramble(v128.xor(index, keys)), bound);
    v128.store(to, v128.and(isKept, f32x4.mul(v128.load(from), scales)));
    index = i32x4.add(index, i32x4.splat(4));
    from += 16;
    to += 16;
  }
}
