/** `relaxed` fuses multiply and add as the processor does; `simd` gives the same bytes on every processor. */
export type CorrelationKernelKind = 'relaxed' | 'simd'

/** The compiled kernel. It holds no state, so it may be handed to other threads. */
export type CorrelationKernel = { readonly kind: CorrelationKernelKind; readonly module: WebAssembly.Module }

/** Memory that several threads share. */
export type SharedMemory = WebAssembly.Memory<SharedArrayBuffer>

/** What the kernel can do; assembly/ says what each does. Addresses are in bytes. */
export type CorrelationKernelExports = {
  readonly centre: (plan: number, column: number) => void
  readonly correlateBlock: (plan: number, top: number, left: number, desk: number) => number
}

const PAGE_BYTES = 65_536
/** As the kernel was built to import: 4 GiB. */
const MAXIMUM_PAGES = 65_536

/** A fresh instance of the kernel over `memory`. */
export function instantiate(kernel: CorrelationKernel, memory: SharedMemory): CorrelationKernelExports {
  return new WebAssembly.Instance(kernel.module, { env: { memory } }).exports as CorrelationKernelExports
}

/** Shared memory of `bytes`, rounded up to whole pages. Throws RangeError beyond 4 GiB. */
export function sharedMemory(bytes: number): SharedMemory {
  return new WebAssembly.Memory<SharedArrayBuffer>({
    initial: Math.ceil(bytes / PAGE_BYTES),
    maximum: MAXIMUM_PAGES,
    shared: true,
  })
}
