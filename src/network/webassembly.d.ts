/** The part of the WebAssembly JavaScript API that the kernel's loader uses; the `esnext` library leaves it to the DOM's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
  }
  class Memory<Buffer extends ArrayBufferLike = ArrayBuffer> {
    constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean })
    readonly buffer: Buffer
    grow(pages: number): number
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean
}
