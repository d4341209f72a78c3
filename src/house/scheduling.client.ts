import type { Pool } from 'pg'
import { raiseAlert } from '#alerts/alerts.store.ts'
import { missedRun } from '#alerts/missed-run.ts'
import { Fault } from '#domain/fault.ts'
import type { FlowName } from '#flows/flow-names.ts'
import type { FlowPlan } from '#flows/plans.ts'
import { refusedRun } from '#flows/refused-run.ts'
import type { Runs } from '#flows/runs.ts'
import { schedulesOf } from '#flows/scheduled-flows.ts'
import { openScheduler, type Scheduler } from '#flows/scheduler.client.ts'
import type { Settings } from '#settings/schema.ts'
import type { Timer } from '#sources/alpaca/timer.ts'

export type SchedulingPlan = {
  readonly sql: Pool
  readonly settings: Pick<Settings, 'schedules'>
  /** Whether this process has an account at a broker. */
  readonly hasAccount: boolean
  readonly runs: Pick<Runs, 'start' | 'find'>
  readonly plans: ReadonlyMap<FlowName, FlowPlan>
  readonly timer: Timer
  readonly say: (sentence: string) => void
}

/** Begins what the settings schedule, in this process and in every other worker, until it is closed; what was missed becomes alerts. */
export function openScheduling({ sql, settings, hasAccount, runs, plans, timer, say }: SchedulingPlan): Scheduler {
  return openScheduler({
    ...{ sql, runs, timer, onTrouble: say },
    schedules: schedulesOf(settings, hasAccount),
    graceMs: settings.schedules.graceSeconds * 1000,
    plan: async (flow, occasion) => {
      const plan = plans.get(flow)
      if (plan === undefined) throw new Fault('FLOW_UNKNOWN', `There is no plan for the flow ${flow}.`)
      return plan.plan({}, occasion)
    },
    onMissed: async (missed) => {
      for (const one of missed) await raiseAlert(sql, missedRun(one))
    },
    onRefused: async (refused) => {
      for (const one of refused) await raiseAlert(sql, refusedRun(one))
    },
  })
}
