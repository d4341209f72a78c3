/** Makes `dist/`, what `npm pack` publishes: type stripping does not reach node_modules, so the package is compiled JavaScript. */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** What the modules read from beside themselves. */
const BESIDE_MODULES = ['src/database/migrations', 'src/network/kernel', 'standins/tracking-server/migrations']

rmSync(DIST, { recursive: true, force: true })
execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
for (const folder of BESIDE_MODULES) {
  for (const file of globSync('**/*.{sql,json,wasm}', { cwd: join(ROOT, folder) }))
    cpSync(join(ROOT, folder, file), join(DIST, folder, file))
}
// The nearest package.json decides what `#…` means, so the compiled modules find each other without a change to their text.
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify({ type: 'module', imports: { '#*.ts': './src/*.js' } }, null, 2)}\n`)
