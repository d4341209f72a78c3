import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Fault } from '#domain/fault.ts'
import type { Kernel, KernelChoice, KernelKind } from './kernel.ts'

/** The kernel, and a sentence when it is not the one that was asked for. */
export type LoadedKernel = { readonly kernel: Kernel; readonly note: string | undefined }

const BUILT = new URL('./kernel/', import.meta.url)

/**
 * Reads and compiles the kernel that `choice` asks for from the folder that it was built to. Where the engine or the build
 * lacks relaxed SIMD it is the plain one, and the note says so. Throws NETWORK_KERNEL_MISSING when there is no kernel.
 */
export async function loadKernel(choice: KernelChoice, folder: URL = BUILT): Promise<LoadedKernel> {
  if (choice === 'simd') return { kernel: await plainKernel(folder), note: undefined }
  const relaxed = await readKernel('relaxed', folder)
  if (relaxed && WebAssembly.validate(relaxed)) {
    return { kernel: { kind: 'relaxed', module: new WebAssembly.Module(relaxed) }, note: undefined }
  }
  const lack = relaxed ? 'This engine has no relaxed SIMD' : 'This build has no kernel for relaxed SIMD'
  const note = `${lack}: the network runs on the plain SIMD kernel, which takes about a sixth longer.`
  return { kernel: await plainKernel(folder), note }
}

async function plainKernel(folder: URL): Promise<Kernel> {
  const bytes = await readKernel('simd', folder)
  if (bytes) return { kind: 'simd', module: new WebAssembly.Module(bytes) }
  const sentence = `The folder ${folder.pathname} holds no network kernel: build it with \`node tools/build-kernel.ts\`.`
  throw new Fault('NETWORK_KERNEL_MISSING', sentence)
}

async function readKernel(kind: KernelKind, folder: URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const url = new URL(`kernel.${kind}.wasm`, folder)
  return existsSync(url) ? new Uint8Array(await readFile(url)) : undefined
}
