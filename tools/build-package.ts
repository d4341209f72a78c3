/**
 * Makes `dist/`, what `npm pack` publishes. Node strips no types below node_modules, so it is compiled JavaScript, laid out like the
 * repository: what modules find by a path relative to themselves, they find there too. Only what the program can reach is in it.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** What modules read from disk. */
const READ_AT_RUN_TIME = [
  '{src,standins}/**/migrations/**/*.{sql,json}',
  'src/*/kernel/*.wasm',
  'config/*.yaml',
  'web/dist/**/*.*',
]

rmSync(DIST, { recursive: true, force: true })
execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(ROOT, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
for (const file of globSync(READ_AT_RUN_TIME, { cwd: ROOT })) cpSync(join(ROOT, file), join(DIST, file))

const { name, version, type } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
// The nearest manifest decides what `#…` means, so the compiled modules find each other without a change to their text.
const manifest = { name, version, type, private: true, imports: { '#*.ts': './src/*.js' } }
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
