import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bench, type BenchResult, idsOf } from './result.ts'

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true })

const known = await Promise.all(
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.bench.ts'))
    .sort()
    .map(async (name): Promise<Bench> => (await import(join(import.meta.dirname, name))).bench),
)
const ids = known.flatMap(idsOf)
const unknown = positionals.filter((id) => !ids.includes(id))
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no benchmark named ${unknown.join(', ')}; there are ${ids.join(', ')}\n`)
  process.exit(2)
}
for (const bench of known) {
  const isWanted = (id: string) => positionals.length === 0 || positionals.includes(bench.id) || positionals.includes(id)
  if (!idsOf(bench).some(isWanted)) continue
  for (const result of await bench.run(isWanted)) {
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${line(result)}\n`)
  }
}

function line({ id, size, value, unit, peer, ratio, limit, note }: BenchResult): string {
  const figure = value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
  const against = peer === undefined ? '' : ` · ${ratio?.toFixed(2)} × ${peer}`
  return `${id.padEnd(20)} ${size.padEnd(34)} ${figure.padStart(10)} ${unit}${against}${limit === undefined ? '' : ` · ${limit}`}${note === undefined ? '' : ` · ${note}`}`
}
