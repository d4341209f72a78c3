import { z } from 'zod'
import type { Database } from '#database/connection.client.ts'
import { type Book, LIVE, PAPER } from '#domain/book.ts'
import { dateInNewYork } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { dataPlans } from '#flows/data-plans.steps.ts'
import { dayPlans } from '#flows/day-plans.steps.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { housekeepingAt } from '#flows/housekeeping.steps.ts'
import { type FlowPlan, flowNotAsked, flowPlan, minuteName, type Occasion, type PlannedRun, repeatedRunId } from '#flows/plans.ts'
import { researchPlans } from '#flows/research-plans.steps.ts'
import type { RunCause, Runs } from '#flows/runs.ts'
import type { Settings } from '#settings/schema.ts'
import type { AlpacaAccount } from './alpaca-account.client.ts'

/** `0935`. */
const TIME_LETTERS = 4

/** What plans are made in: a house, or a process that carries out no runs. */
export type PlanningHouse = {
  readonly settings: Settings
  readonly database: Pick<Database, 'pool'>
  /** Undefined without keys. */
  readonly account: AlpacaAccount | undefined
  readonly runs: Runs
}

/** The plans of all flows that can be asked for; those that only others begin have none. */
export function flowPlans({ settings, database, account, runs }: PlanningHouse): ReadonlyMap<FlowName, FlowPlan> {
  const hasKeys = account !== undefined
  const circumstances = { sql: database.pool, settings, hasKeys, book: accountBook(settings, account), runs }
  const plans: Readonly<Record<FlowName, FlowPlan | undefined>> = {
    ...dayPlans(circumstances),
    ...dataPlans(circumstances),
    ...researchPlans(circumstances),
    backup: dailyPlan('backup', (day, at) => ({ name: `${day}T${minuteName(at).slice(-TIME_LETTERS)}`, at })),
    housekeeping: dailyPlan('housekeeping', (_, at) => housekeepingAt(at, settings.retention)),
    'trading-session': undefined,
  }
  const asked = Object.entries(plans).flatMap(([name, plan]) => (plan === undefined ? [] : [[name as FlowName, plan] as const]))
  return new Map(asked)
}

/** The book of the account; undefined without one. */
export function accountBook({ trading }: Pick<Settings, 'trading'>, account: AlpacaAccount | undefined): Book | undefined {
  if (account === undefined) return undefined
  return trading.mode === 'live' ? LIVE : PAPER
}

/** A flow that is asked for nothing, once a day. */
function dailyPlan(flow: 'backup' | 'housekeeping', parametersOf: (day: SessionDate, at: EpochMs) => object): FlowPlan {
  return flowPlan({ flow, request: z.strictObject({}) }, async (_, { at }, time) => {
    const day = dateInNewYork(at)
    return { runId: repeatedRunId(`${flow}-${day}`, time), parameters: parametersOf(day, at), facts: { day } }
  })
}

/** A run that is asked for. Where one of its kind has been, `isAgain` begins another beside it; else that one is answered. */
export type Asking = {
  readonly fields: Readonly<Record<string, unknown>>
  readonly occasion: Occasion
  readonly isAgain?: boolean
}

/** The run that a request led to. `isNew`: it was begun by this, and not before. */
export type StartedRun = { readonly runId: string; readonly isNew: boolean; readonly parameters: object }

/**
 * Plans and begins the run of a flow. The same business fact is begun once; a person who asks again after a failure or a
 * cancellation, or says so (`isAgain`), gets the next free id (`end-of-day-2018-03-28-2`). Throws FLOW_UNKNOWN, and what the
 * plan throws.
 */
export async function startFlow(
  { runs, plans }: { readonly runs: Pick<Runs, 'start' | 'record'>; readonly plans: ReadonlyMap<FlowName, FlowPlan> },
  flow: FlowName,
  { fields, occasion, isAgain = false }: Asking,
): Promise<StartedRun> {
  const plan = plans.get(flow)
  if (plan === undefined) throw flowNotAsked(flow, [...plans.keys()])
  const planned = await freePlan(runs, plan, { fields, occasion, isAgain })
  if (planned.isTaken) return { runId: planned.runId, isNew: false, parameters: planned.parameters }
  const { runId, parameters, facts } = planned
  await runs.start({ flow, runId, parameters, facts, cause: causeOf(occasion), request: fields, ...scheduledFor(occasion) })
  return { runId, isNew: true, parameters }
}

async function freePlan(
  { record }: Pick<Runs, 'record'>,
  { plan }: FlowPlan,
  { fields, occasion, isAgain }: Required<Asking>,
): Promise<PlannedRun & { readonly isTaken: boolean }> {
  for (let time = 1; ; time++) {
    const planned = await plan(fields, occasion, time)
    const known = await record(planned.runId)
    if (known === undefined) return { ...planned, isTaken: false }
    const isOver = known.state === 'failed' || known.state === 'cancelled'
    if (!isAgain && !(isOver && occasion.kind === 'person')) return { ...planned, isTaken: true }
  }
}

function causeOf({ kind }: Occasion): RunCause {
  return kind === 'scheduled' ? 'schedule' : kind
}

function scheduledFor({ kind, at }: Occasion): { readonly scheduledFor?: EpochMs } {
  return kind === 'person' ? {} : { scheduledFor: at }
}
