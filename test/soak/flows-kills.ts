import { openMortalDatabase } from '../crash/own-postgres.ts'
import { PROBE_TABLES } from '../crash/probe-flows.ts'
import { randomKills } from '../crash/random-kills.ts'
import type { Soak } from './soak.ts'

const KILLS = 200
const WORKERS = 3

/** FAILURES rows 12 and 13: 200 random kills of workers and of PostgreSQL while runs of every kind are begun; each part a seed of its own. */
export const flowsKills: Soak = {
  name: 'flows-kills',
  run: async ({ seed, part, parts, tell }) => {
    const kills = Math.ceil(KILLS / parts)
    const database = await openMortalDatabase()
    await database.pool.query(PROBE_TABLES)
    const plan = { database, seed: seed * 1_000 + part, kills, workers: WORKERS, tell }
    const report = await randomKills(plan).finally(database.close)
    tell(JSON.stringify(report))
    const wrong = [...report.notDone, ...report.repeated, ...report.withoutEffect]
    if (wrong.length > 0) throw new Error(`${wrong.length} runs or steps were lost or repeated: ${wrong.slice(0, 10).join(', ')}`)
  },
}
