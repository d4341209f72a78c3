import { madd } from "./arithmetic";
import { firstMoment, gradients, parameterFloats, parameters, secondMoment } from "./plan";

/**
 * One step of Adam (Kingma & Ba 2015) with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 added after the bias-corrected root, as PyTorch.
 * `stepSize` is rate / (1 − β₁ᵗ), `rootScale` 1 / √(1 − β₂ᵗ). Padding has no gradient and stays zero.
 */
export function adamStep(plan: usize, stepSize: f32, rootScale: f32): void {
  let p = parameters(plan);
  let g = gradients(plan);
  let m = firstMoment(plan);
  let v = secondMoment(plan);
  const end = p + ((parameterFloats(plan) as usize) << 2);
  const steps = f32x4.splat(-stepSize);
  const scales = f32x4.splat(rootScale);
  const epsilon = f32x4.splat(1e-8);
  while (p < end) {
    const gradient = v128.load(g);
    const first = madd(f32x4.splat(0.1), f32x4.sub(gradient, v128.load(m)), v128.load(m));
    const second = madd(f32x4.mul(gradient, gradient), f32x4.splat(0.001), f32x4.mul(v128.load(v), f32x4.splat(0.999)));
    const root = madd(f32x4.sqrt(second), scales, epsilon);
    v128.store(m, first);
    v128.store(v, second);
    v128.store(p, madd(steps, f32x4.div(first, root), v128.load(p)));
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}
