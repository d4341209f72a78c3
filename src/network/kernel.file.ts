import { readFile } from 'node:fs/promises'
import { Fault } from '#domain/fault.ts'
import type { Kernel, KernelChoice, KernelKind } from './kernel.ts'

/** The kernel, and a sentence when it is not the one that was asked for. */
export type LoadedKernel = { readonly kernel: Kernel; readonly note: string | undefined }

/**
 * Reads and compiles the kernel that `choice` asks for. Where the engine lacks relaxed SIMD it is the plain one, and the
 * note says so. Throws NETWORK_KERNEL_MISSING when it was not built.
 */
export async function loadKernel(choice: KernelChoice): Promise<LoadedKernel> {
  if (choice === 'simd') return { kernel: await compiled('simd'), note: undefined }
  const relaxed = await bytesOf('relaxed')
  if (WebAssembly.validate(relaxed)) {
    return { kernel: { kind: 'relaxed', module: new WebAssembly.Module(relaxed) }, note: undefined }
  }
  const note = 'This engine has no relaxed SIMD: the network runs on the plain SIMD kernel, about half as fast.'
  return { kernel: await compiled('simd'), note }
}

async function compiled(kind: KernelKind): Promise<Kernel> {
  return { kind, module: new WebAssembly.Module(await bytesOf(kind)) }
}

async function bytesOf(kind: KernelKind): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`./kernel/kernel.${kind}.wasm`, import.meta.url)
  try {
    return new Uint8Array(await readFile(url))
  } catch (cause) {
    const sentence = `The network kernel ${url.pathname} is not there: build it with \`node tools/build-kernel.ts\`.`
    throw new Fault('NETWORK_KERNEL_MISSING', sentence, { cause })
  }
}
