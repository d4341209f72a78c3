/**
 * a·b + c. The relaxed build rounds once (a fused multiply-add where the processor has one), the plain build twice; the
 * plain build therefore gives the same bytes on every processor.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The sum of the four lanes, pairwise. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/**
 * The constants below, in memory: a broadcast from there is one instruction, where a constant in the code is built anew
 * from two halves each time.
 */
const CONSTANTS = memory.data<f32>([
  87, -87, 1.4426950408889634, 12582912, -0.693359375, 2.1219444e-4,
  0.0013836846139396624, 0.008374815798234876, 0.0416682255668349, 0.1666642016994682, 0.49999992079828354, 1, 2,
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(CONSTANTS + (index << 2));
}

/**
 * e^x for x in [−87, 87]; beyond, the value at the bound. With x = i·ln 2 + f and |f| ≤ ½ ln 2, e^x = 2^i·e^f and e^f is
 * the polynomial of degree 6 with the least relative error (2e-9, below a float's rounding), exact at 0. A float as large
 * as 1.5·2²³ has no fraction: adding it rounds to i and leaves i in the low bits. ln 2 comes in two parts, the first short
 * enough for i times it to be exact. `pmin` and `pmax` let NaN pass.
 */
// @ts-ignore: decorator
@inline
function exp(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, constant(0)), constant(1));
  const rounded = madd(bounded, constant(2), constant(3));
  const i = f32x4.sub(rounded, constant(3));
  const f = madd(i, constant(5), madd(i, constant(4), bounded));
  let p = constant(6);
  p = madd(p, f, constant(7));
  p = madd(p, f, constant(8));
  p = madd(p, f, constant(9));
  p = madd(p, f, constant(10));
  p = madd(p, f, constant(11));
  p = madd(p, f, constant(11));
  return i32x4.add(p, i32x4.shl(rounded, 23));
}

/** 1 / (1 + e^−x), within 1e-7 of it. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = constant(11);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** tanh x = 1 − 2 / (1 + e^2x), within 2e-7 of it (absolute). */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const one = constant(11);
  return f32x4.sub(one, f32x4.div(constant(12), f32x4.add(one, exp(f32x4.add(x, x)))));
}
