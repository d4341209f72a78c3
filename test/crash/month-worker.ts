import { openApi } from '#api/api.server.ts'
import { settingRows } from '#api/settings-summary.ts'
import { databaseAt } from '#database/connection.client.ts'
import { dependencySteps } from '#flows/dependencies.steps.ts'
import { type Engine, openEngine } from '#flows/engine.client.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { queueLimits } from '#flows/queue-limits.ts'
import { registerFlows } from '#flows/registry.flow.ts'
import { openAlerting } from '#house/alerting.client.ts'
import { alpacaAccount } from '#house/alpaca-account.client.ts'
import { flowControl } from '#house/flow-control.client.ts'
import { officeWithoutHouse } from '#house/flow-office.client.ts'
import { flowPlans } from '#house/flow-plans.client.ts'
import { openScheduling } from '#house/scheduling.client.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { recyclerPlan } from './month-plans.ts'
import type { MonthWorkerOptions } from './month-settings.ts'
import { monthSteps } from './month-steps.ts'
import { inMarketTime, monthTimer } from './month-time.ts'

// A worker of the compressed month, in a process of its own: it carries out every flow, follows the schedules, watches and tells as
// `worker` does, and with `isServer` answers on the API as `start` does. It says `ready <executor>` when it is, and drains on SIGTERM.

/** Waits no shorter than these, milliseconds of the machine's time: what the program asks each second is not asked each millisecond. */
const LEAST_MS = { schedules: 5, dependencies: 50, alerts: 250 }
const CONNECTIONS = 8
const DRAIN_MS = 1_500
const THREADS = 2

const { databaseUrl, time, env, graceMs, home, isServer }: MonthWorkerOptions = JSON.parse(process.argv[2] ?? '{}')
const say = (sentence: string) => process.stdout.write(`said ${sentence}\n`)
const { settings: asSet, credentials } = await readSettingsFiles(env)
const settings = { ...asSet, schedules: { ...asSet.schedules, graceSeconds: graceMs / 1000 } }
const database = databaseAt(databaseUrl, CONNECTIONS)
const sql = database.pool
const account = alpacaAccount(settings, credentials, say)
const launched = Promise.withResolvers<Engine>()
const dependencies = dependencySteps({
  ...{ sql, timer: monthTimer(time, LEAST_MS.dependencies) },
  runs: { find: async (query) => (await launched.promise).find(query) },
})
const flows = registerFlows(monthSteps({ sql, time, dependencies }))
const engine = await openEngine(
  {
    ...{ databaseUrl, version: 'month', leaseMs: settings.workers.leaseSeconds * 1000, onTrouble: say },
    queues: queueLimits(settings.queues, THREADS),
    onLost: (cause) => {
      say(`lost ${cause.message}`)
      process.exit(1)
    },
  },
  flows,
)
launched.resolve(engine)
const plans = new Map<FlowName, ReturnType<typeof recyclerPlan>>([
  ...flowPlans({ settings, database, account, runs: engine }),
  ['recycler-check', recyclerPlan(settings)],
])
const hasAccount = account !== undefined
const scheduling = openScheduling({
  ...{ sql, settings, hasAccount, runs: engine, plans, say, timer: monthTimer(time, LEAST_MS.schedules) },
})
const alerting = openAlerting({
  ...{ settings, credentials, sql, home, say, runs: inMarketTime(engine, time), timer: monthTimer(time, LEAST_MS.alerts) },
})
const api = isServer
  ? await openApi({
      ...{ pool: sql, webFolder: home, host: '127.0.0.1', port: 0, version: 'month', activeSectors: [] },
      flows: flowControl(officeWithoutHouse({ settings, database, account, runs: engine })),
      settings: settingRows({}),
      onFailure: (failure) => say(String(failure)),
    })
  : undefined
process.on('SIGTERM', async () => {
  await Promise.all([scheduling.close(), alerting.close(), api?.close()])
  await engine.close(DRAIN_MS)
  await database.close()
  process.exit(0)
})
process.stdout.write(`ready ${engine.executorId} ${api?.url ?? ''}\n`)
