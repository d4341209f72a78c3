import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Fault } from '#domain/fault.ts'
import type { CorrelationKernel, CorrelationKernelKind } from './correlation-kernel.ts'

const BUILT = new URL('./kernel/', import.meta.url)

/**
 * Reads and compiles the kernel of kind `choice`, or for `auto` and `relaxed` the plain one where the engine or the build
 * lacks relaxed SIMD. Throws CORRELATION_KERNEL_MISSING when there is none.
 */
export async function loadCorrelationKernel(
  choice: 'auto' | CorrelationKernelKind,
  folder: URL = BUILT,
): Promise<CorrelationKernel> {
  const relaxed = choice === 'simd' ? undefined : await readKernel('relaxed', folder)
  if (relaxed && WebAssembly.validate(relaxed)) return { kind: 'relaxed', module: new WebAssembly.Module(relaxed) }
  const plain = await readKernel('simd', folder)
  if (plain) return { kind: 'simd', module: new WebAssembly.Module(plain) }
  const sentence = `The folder ${folder.pathname} holds no correlation kernel: build it with \`node tools/build-kernel.ts\`.`
  throw new Fault('CORRELATION_KERNEL_MISSING', sentence)
}

async function readKernel(kind: CorrelationKernelKind, folder: URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const url = new URL(`correlation.${kind}.wasm`, folder)
  return existsSync(url) ? new Uint8Array(await readFile(url)) : undefined
}
