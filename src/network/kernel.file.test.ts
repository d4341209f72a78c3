import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { loadKernel } from './kernel.file.ts'

test('an engine without relaxed SIMD gets the plain kernel, and is told', async () => {
  const { validate } = WebAssembly
  const engine = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  const { kernel, note } = await loadKernel('auto')
  engine.mockRestore()
  expect(WebAssembly.validate).toBe(validate)
  expect(kernel.kind).toBe('simd')
  expect(note).toContain('This engine has no relaxed SIMD')
})

test('a build without the relaxed kernel falls back on the plain one and says so; one without any says how to build it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spreadworks-kernel-'))
  const url = pathToFileURL(`${folder}/`)
  try {
    await expect(loadKernel('auto', url)).rejects.toMatchObject({ code: 'NETWORK_KERNEL_MISSING' })
    await copyFile(new URL('./kernel/kernel.simd.wasm', import.meta.url), join(folder, 'kernel.simd.wasm'))
    const { kernel, note } = await loadKernel('relaxed', url)
    expect(kernel.kind).toBe('simd')
    expect(note).toContain('This build has no kernel for relaxed SIMD')
    expect((await loadKernel('simd', url)).note).toBeUndefined()
  } finally {
    await rm(folder, { recursive: true })
  }
})
