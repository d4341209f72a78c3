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
 * e^x for x in [−87, 87]; beyond, the value at the bound. With x = i·ln 2 + f and |f| ≤ ½ ln 2, e^x = 2^i·e^f and e^f is
 * its Taylor polynomial of degree 7, whose remainder (5e-9 relative) is below a float's rounding.
 */
// @ts-ignore: decorator
@inline
function exp(x: v128): v128 {
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(87)), f32x4.splat(-87));
  const i = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.4426950408889634)));
  // ln 2 in two parts, the first short enough for i times it to be exact.
  const f = madd(i, f32x4.splat(2.1219444e-4), madd(i, f32x4.splat(-0.693359375), bounded));
  let p = f32x4.splat(1.0 / 5040.0);
  p = madd(p, f, f32x4.splat(1.0 / 720.0));
  p = madd(p, f, f32x4.splat(1.0 / 120.0));
  p = madd(p, f, f32x4.splat(1.0 / 24.0));
  p = madd(p, f, f32x4.splat(1.0 / 6.0));
  p = madd(p, f, f32x4.splat(0.5));
  p = madd(p, f, f32x4.splat(1));
  p = madd(p, f, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(i), 23));
}

/** 1 / (1 + e^−x), within 1e-7 of it. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** tanh x = 1 − 2 / (1 + e^2x), within 2e-7 of it (absolute). */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(one, exp(f32x4.add(x, x)))));
}
