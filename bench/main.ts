import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, BenchResult } from './result.ts'

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true })

const known = await Promise.all(
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.bench.ts'))
    .sort()
    .map(async (name): Promise<Bench> => (await import(join(import.meta.dirname, name))).bench),
)
const unknown = positionals.filter((id) => !known.some((bench) => bench.id === id))
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no benchmark named ${unknown.join(', ')}; there are ${known.map(({ id }) => id).join(', ')}\n`,
  )
  process.exit(2)
}
for (const bench of known.filter(({ id }) => positionals.length === 0 || positionals.includes(id))) {
  for (const result of await bench.run()) process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${line(result)}\n`)
}

function line({ id, size, value, unit, peer, ratio, limit, note }: BenchResult): string {
  const figure = value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
  const against = peer === undefined ? '' : ` · ${ratio?.toFixed(2)} × ${peer}`
  return `${id.padEnd(20)} ${size.padEnd(34)} ${figure.padStart(10)} ${unit}${against}${limit === undefined ? '' : ` · ${limit}`}${note === undefined ? '' : ` · ${note}`}`
}
