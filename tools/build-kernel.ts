import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

/*
 * Compiles src/network/assembly to src/network/kernel/kernel.{simd,relaxed}.wasm.
 * Usage: node tools/build-kernel.ts
 */
const SOURCE = 'src/network/assembly/index.ts'
const FOLDER = 'src/network/kernel'
const ROOT = fileURLToPath(new URL('..', import.meta.url))

const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd']

async function build(kind: string, features: readonly string[]): Promise<void> {
  const out = `${FOLDER}/kernel.${kind}.wasm`
  const { error, stderr } = await main([SOURCE, '--outFile', out, ...OPTIONS, ...features])
  if (error) {
    process.stderr.write(`${stderr.toString()}\nKERNEL_BUILD_FAILED: ${SOURCE} does not compile: ${error.message}\n`)
    process.exitCode = 1
    return
  }
  process.stdout.write(`${out}\n`)
}

process.chdir(ROOT)
await mkdir(FOLDER, { recursive: true })
await build('relaxed', ['--enable', 'relaxed-simd'])
// Last: its age tells the launcher whether the build is current, so a build that was cut off is done again.
await build('simd', [])
