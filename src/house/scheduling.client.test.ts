import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { type EpochMs, instantFrom } from '#domain/units.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import type { FlowName } from '#flows/flow-names.ts'
import type { FlowPlan } from '#flows/plans.ts'
import { readSettings } from '#settings/read-settings.ts'
import { freshDatabase } from '../../test/database.ts'
import { timeFrom, until } from '../../test/standing-time.ts'
import { flowPlans } from './flow-plans.client.ts'
import { openScheduling } from './scheduling.client.ts'

const text = readFileSync(new URL('../../config/spreadworks.yaml', import.meta.url), 'utf8')
const { settings } = readSettings({ files: [{ path: 'spreadworks.yaml', text }], env: {} })

let database: Database
let runs: ConnectedRuns
let plans: ReadonlyMap<FlowName, FlowPlan>
beforeAll(async () => {
  database = await freshDatabase()
  runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
  plans = flowPlans({ settings, database, account: undefined, runs })
})
afterAll(async () => {
  await runs.close()
  await database.close()
})

/** What a process without an account does from `from` through `through`. */
async function running(from: string, through: string): Promise<void> {
  const time = timeFrom(instantFrom(from))
  const [sql, said] = [database.pool, [] as string[]]
  time.awake++
  const scheduling = openScheduling({ sql, settings, hasAccount: false, runs, plans, timer: time, say: (it) => said.push(it) })
  await until(time, through)
  await scheduling.close()
  expect(said).toEqual([])
}

async function begun(flow: FlowName): Promise<(EpochMs | undefined)[]> {
  return (await runs.find({ flows: [flow], limit: 100 })).map(({ scheduledFor }) => scheduledFor)
}

test('after three days down each policy is obeyed, and a flow that was missed is one alert a day', async () => {
  await running('2018-03-05T20:00:00Z', '2018-03-05T20:01:00Z')
  await running('2018-03-08T23:30:00Z', '2018-03-08T23:31:00Z')
  const [backup, endOfDay] = await Promise.all([begun('backup'), begun('end-of-day')])
  expect(backup).toEqual([instantFrom('2018-03-08T07:00:00Z')])
  expect(endOfDay.toSorted()).toEqual(['05', '06', '07', '08'].map((day) => instantFrom(`2018-03-${day}T23:00:00Z`)))
  expect(await begun('start-of-day')).toEqual([])
  const { rows } = await database.pool.query(
    `select key, times from spreadworks.alerts where key like 'missed:backup:%' or key like 'missed:hourly:%' order by key`,
  )
  expect(rows).toEqual([
    { key: 'missed:backup:2018-03-06', times: 1 },
    { key: 'missed:backup:2018-03-07', times: 1 },
    { key: 'missed:backup:2018-03-08', times: 1 },
    // Opened at 15:00, whose run is nobody's business any more.
    ...['06', '07', '08'].map((day) => ({ key: `missed:hourly:2018-03-${day}`, times: 7 })),
  ])
})
