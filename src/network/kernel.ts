/** `relaxed` fuses multiply and add as the processor does; `simd` gives the same bytes on every processor. */
export type KernelKind = 'relaxed' | 'simd'

/** Which kernel a setting asks for; `auto` is `relaxed` where the engine has it. */
export type KernelChoice = 'auto' | KernelKind

/** The compiled network kernel. It holds no state, so it may be handed to other threads. */
export type Kernel = { readonly kind: KernelKind; readonly module: WebAssembly.Module }

/** Sizes and addresses of one network in a kernel's memory; see `kernel-plan.ts`. */
type Plan = number

/** What the kernel can do; assembly/index.ts says what each returns. */
export type KernelExports = {
  readonly firstFreeByte: () => number
  readonly packWeights: (plan: Plan) => void
  readonly evaluate: (plan: Plan, first: number, count: number) => number
  readonly differentiate: (plan: Plan, first: number, count: number, key: number, threshold: number, scale: number) => number
  readonly train: (
    plan: Plan,
    first: number,
    count: number,
    key: number,
    threshold: number,
    scale: number,
    stepSize: number,
    rootScale: number,
  ) => number
}

/** A fresh instance of the kernel over `memory`. */
export function instantiate(kernel: Kernel, memory: WebAssembly.Memory): KernelExports {
  return new WebAssembly.Instance(kernel.module, { env: { memory } }).exports as KernelExports
}
