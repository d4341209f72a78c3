import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

/*
 * Compiles every kernel's AssemblyScript, each with and without relaxed SIMD.
 * Usage: node tools/build-kernel.ts
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd']

type KernelBuild = { readonly source: string; readonly out: string; readonly options: readonly string[] }

// The network's last: the age of its plain build tells the launcher whether all are current, so a build that was cut off is
// done again.
const KERNELS: readonly KernelBuild[] = [
  {
    source: 'src/statistics/assembly/index.ts',
    out: 'src/statistics/kernel/correlation',
    // Threads work on one memory.
    options: ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
  },
  { source: 'src/network/assembly/index.ts', out: 'src/network/kernel/kernel', options: [] },
]

async function build({ source, out, options }: KernelBuild, kind: string, features: readonly string[]): Promise<boolean> {
  const file = `${out}.${kind}.wasm`
  const { error, stderr } = await main([source, '--outFile', file, ...OPTIONS, ...options, ...features])
  if (error) {
    process.stderr.write(`${stderr.toString()}\nKERNEL_BUILD_FAILED: ${source} does not compile: ${error.message}\n`)
    process.exitCode = 1
    return false
  }
  process.stdout.write(`${file}\n`)
  return true
}

process.chdir(ROOT)
for (const kernel of KERNELS) {
  await mkdir(dirname(kernel.out), { recursive: true })
  const isBuilt = (await build(kernel, 'relaxed', ['--enable', 'relaxed-simd'])) && (await build(kernel, 'simd', []))
  if (!isBuilt) break
}
