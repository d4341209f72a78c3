import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { loadCorrelationKernel } from './correlation-kernel.file.ts'

test('a build without the relaxed kernel falls back on the plain one; one without any says how to build it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spreadworks-kernel-'))
  const url = pathToFileURL(`${folder}/`)
  try {
    await expect(loadCorrelationKernel('auto', url)).rejects.toMatchObject({ code: 'CORRELATION_KERNEL_MISSING' })
    const built = new URL('./kernel/correlation.simd.wasm', import.meta.url)
    await copyFile(built, join(folder, 'correlation.simd.wasm'))
    expect((await loadCorrelationKernel('relaxed', url)).kind).toBe('simd')
  } finally {
    await rm(folder, { recursive: true })
  }
})
