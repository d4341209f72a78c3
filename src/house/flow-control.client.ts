import type { FlowControl } from '#api/flow-control.ts'
import { wrongRequest } from '#domain/fault.ts'
import { historyRequestFrom } from '#flows/history-plan.steps.ts'
import { progressOf } from '#flows/progress.store.ts'
import { rehearsalRunId } from '#flows/rehearsal.ts'
import { rehearsalRequestFrom } from '#flows/rehearsal-plan.steps.ts'
import { runView } from '#flows/run-views.ts'
import { startCollecting, startHistory } from './collections.client.ts'
import type { House } from './house.client.ts'
import { startRehearsal } from './rehearsals.client.ts'
import { cancelRun } from './runs.client.ts'

const RUNS_SHOWN = 20

/** What the API asks of the flows of a house. */
export function flowControl(house: House): FlowControl {
  return {
    start: async (name, fields) => ({ id: await startedRun(house, name, fields) }),
    list: async () => {
      const runs = await house.engine.runs(RUNS_SHOWN)
      const progress = await progressOf(
        house.database.pool,
        runs.map(({ workflowID }) => workflowID),
      )
      return runs.map((run) => runView(run, progress.get(run.workflowID)))
    },
    cancel: (runId) => cancelRun(house, runId),
  }
}

async function startedRun(house: House, name: string, fields: Readonly<Record<string, unknown>>): Promise<string> {
  switch (name) {
    case 'rehearse':
      return rehearsalRunId((await startRehearsal(house, rehearsalRequestFrom(fields))).book)
    case 'load-history':
      return startHistory(house, historyRequestFrom(fields))
    case 'market-stream':
      return (await startCollecting(house)).runId
    default:
      throw wrongRequest(
        'FLOW_UNKNOWN',
        `There is no flow '${name}' to start; there are rehearse, load-history and market-stream.`,
      )
  }
}
