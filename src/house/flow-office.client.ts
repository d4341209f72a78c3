import { nearestName } from '#cli/nearest-name.ts'
import type { Database } from '#database/connection.client.ts'
import { type Fault, wrongRequest } from '#domain/fault.ts'
import type { EpochMs } from '#domain/units.ts'
import { abandonBook } from '#flows/books.store.ts'
import { FLOWS, type FlowName } from '#flows/flow-names.ts'
import type { FlowPlan } from '#flows/plans.ts'
import { bookOfRun } from '#flows/rehearsal.ts'
import type { Runs } from '#flows/runs.ts'
import type { Settings } from '#settings/schema.ts'
import { WALL_TIMER } from '#sources/alpaca/wall-timer.client.ts'
import { flowPlans, type PlanningHouse } from './flow-plans.client.ts'
import type { House } from './house.client.ts'
import { cancelRun } from './runs.client.ts'

/** What flows are controlled through, in a process that carries out runs and in one that does not. */
export type FlowOffice = {
  readonly sql: Database['pool']
  readonly settings: Settings
  readonly runs: Runs
  /** Of every flow that a person can start. */
  readonly plans: ReadonlyMap<FlowName, FlowPlan>
  /** Ends a run, and leaves whatever it held open. */
  readonly cancel: (runId: string) => Promise<void>
  readonly now: () => EpochMs
}

/** The office of a process that carries out no runs. */
export function officeWithoutHouse(planning: PlanningHouse): FlowOffice {
  const { settings, database, runs } = planning
  return {
    ...{ sql: database.pool, settings, runs, plans: flowPlans(planning), now: WALL_TIMER.now },
    cancel: async (runId) => {
      const book = bookOfRun(runId)
      if (book !== undefined) await abandonBook(database.pool, book, 'cancelled')
      await runs.cancel(runId)
    },
  }
}

/** The office of a house. */
export function officeOf(house: House): FlowOffice {
  const { engine: runs, ...rest } = house
  return { ...officeWithoutHouse({ ...rest, runs }), now: house.timer.now, cancel: (runId) => cancelRun(house, runId) }
}

/** The flow of a name. Throws FLOW_UNKNOWN, which names the one that was likely meant. */
export function flowNamed(name: string): FlowName {
  const flow = FLOWS.find((one) => one === name)
  if (flow !== undefined) return flow
  throw unknownFlow(name, FLOWS, 'flow')
}

/** A flow that a person can start. Throws FLOW_UNKNOWN, also for one that only others begin. */
export function startableNamed({ plans }: Pick<FlowOffice, 'plans'>, name: string): FlowName {
  const flow = flowNamed(name)
  if (plans.has(flow)) return flow
  throw unknownFlow(name, [...plans.keys()], 'flow to start')
}

function unknownFlow(name: string, known: readonly string[], what: string): Fault {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `there are ${known.join(', ')}.` : `did you mean ${nearest}?`
  return wrongRequest('FLOW_UNKNOWN', `There is no ${what} '${name}'; ${hint}`)
}
