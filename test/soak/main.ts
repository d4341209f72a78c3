import { parseArgs } from 'node:util'
import { exchangeLoad } from './exchange-load.ts'
import { failuresStream } from './failures-stream.ts'
import { flowsKills } from './flows-kills.ts'
import { flowsMonth } from './flows-month.ts'
import { logRetention } from './log-retention.ts'
import { marketStream } from './market-stream.ts'
import { sessionKills } from './session-kills.ts'
import type { Soak } from './soak.ts'

// The long versions of tests: `npm run soak -- market-stream --seed 1 --part 1/4`. Exit code 1 when one of its cases fails.

const SOAKS: readonly Soak[] = [exchangeLoad, failuresStream, flowsKills, flowsMonth, logRetention, marketStream, sessionKills]

const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, part: { type: 'string', default: '1/1' } },
  allowPositionals: true,
})
const [, part, parts] = /^(\d+)\/(\d+)$/.exec(values.part) ?? []
const named = SOAKS.filter(({ name }) => positionals.includes(name))
const isWrong = positionals.length !== 1 || named.length !== 1 || part === undefined || parts === undefined
if (isWrong || !/^\d+$/.test(values.seed) || Number(part) < 1 || Number(part) > Number(parts)) {
  process.stderr.write(
    `soak: give one of ${SOAKS.map(({ name }) => name).join(', ')}, and --seed S, --part k/n as whole numbers\n`,
  )
  process.exit(2)
}
for (const soak of named) {
  const tell = (line: string) => process.stdout.write(`${soak.name}: ${line}\n`)
  await soak.run({ seed: Number(values.seed), part: Number(part), parts: Number(parts), tell })
}
