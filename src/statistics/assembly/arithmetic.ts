/**
 * a·b + c. The relaxed build rounds once (a fused multiply-add where the processor has one), the plain build twice; the
 * plain build therefore gives the same bytes on every processor.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The sum of the two lanes. */
// @ts-ignore: decorator
@inline
export function sumOfLanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}
