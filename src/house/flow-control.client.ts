import { availableParallelism } from 'node:os'
import { z } from 'zod'
import type { FlowControl, RunSearch } from '#api/flow-control.ts'
import { logPage } from '#desk/flow-logs.store.ts'
import type { FlowRun, FlowSchedule, FlowView, RunDetail, RunList } from '#desk/flow-views.ts'
import { wrongRequest } from '#domain/fault.ts'
import { epochMs } from '#domain/units.ts'
import { CATALOG } from '#flows/catalog.ts'
import { FLOWS, type FlowName } from '#flows/flow-names.ts'
import { resultsOf } from '#flows/flow-results.store.ts'
import { isSkipped } from '#flows/gated.flow.ts'
import { progressOf } from '#flows/progress.store.ts'
import { queueLimits } from '#flows/queue-limits.ts'
import type { RunQuery, RunRecord } from '#flows/runs.ts'
import { backfilled, startedByPerson } from './flow-beginnings.client.ts'
import { type FlowOffice, flowNamed } from './flow-office.client.ts'
import { resultView } from './flow-result-views.ts'
import { flowRunView, placeToRetryFrom, runStepView } from './flow-run-views.ts'
import { schedules, setPaused } from './flow-schedules.client.ts'
import { queueViews, workerViews } from './worker-views.client.ts'

const RUNS_LISTED = 20
const MOST_UNDER_WAY = 100
const MOST_CHILDREN = 1_000

/** What the API and the command line ask of the flows. */
export function flowControl(office: FlowOffice): FlowControl {
  return {
    flows: () => catalogue(office),
    flow: (name) => flowView(office, flowNamed(name)),
    start: (name, request, { isAgain } = { isAgain: false }) => startedByPerson(office, { name, request, isAgain }),
    setPaused: async (name, isPaused, by) => {
      const flow = flowNamed(name)
      await setPaused(office, flow, { isPaused, by })
      return flowView(office, flow)
    },
    backfill: (name, range, request) => backfilled(office, { name, range, request }),
    list: () => listed(office),
    find: (search) => found(office, search),
    run: (id) => detail(office, id),
    logs: async (id, page) => logPage(office.sql, (await recordOf(office, id)).id, page),
    cancel: async (id) => office.cancel((await recordOf(office, id)).id),
    retry: (id, place) => retried(office, id, place),
    workers: () => workerViews(office.sql),
    queues: () => queueViews(office.sql, limitsHere(office)),
  }
}

/** What holds the queues back, as the settings of this process say. */
function limitsHere({ settings: { queues, train } }: FlowOffice) {
  return queueLimits(queues, train.threads === 0 ? availableParallelism() : train.threads)
}

async function catalogue(office: FlowOffice): Promise<FlowView[]> {
  const known = await schedules(office)
  return Promise.all(FLOWS.map((flow) => flowView(office, flow, known)))
}

async function flowView(office: FlowOffice, name: FlowName, known?: ReadonlyMap<FlowName, FlowSchedule>): Promise<FlowView> {
  const [all, runs] = await Promise.all([
    known ?? schedules(office),
    office.runs.find({ flows: [name], withChildren: true, limit: 1 }),
  ])
  const [lastRun] = await views(office, runs)
  const { does, owner, tags, queue, timeoutMs, missed, after, needsAccount } = CATALOG[name]
  const plan = office.plans.get(name)
  return {
    ...{ name, does, owner, queue, timeoutMs, missed, needsAccount },
    ...{ tags: [...tags], after: after.map((one) => ({ ...one })) },
    isStartable: plan !== undefined,
    schedule: all.get(name) ?? null,
    takes: plan === undefined ? {} : z.toJSONSchema(plan.request, { io: 'input' }),
    lastRun: lastRun ?? null,
  }
}

/** What is under way, however old, and the newest of the rest; newest first. */
async function listed(office: FlowOffice): Promise<FlowRun[]> {
  const [newest, underWay] = await Promise.all([
    office.runs.find({ limit: RUNS_LISTED }),
    office.runs.find({ states: ['queued', 'running'], limit: MOST_UNDER_WAY }),
  ])
  const shown = new Set(newest.map(({ id }) => id))
  const all = [...newest, ...underWay.filter(({ id }) => !shown.has(id))]
  return views(office, all)
}

async function found(office: FlowOffice, search: RunSearch): Promise<RunList> {
  const runs = await office.runs.find({ ...queryOf(search), limit: search.limit + 1 })
  return { runs: await views(office, runs.slice(0, search.limit)), isMore: runs.length > search.limit }
}

function queryOf({ flow, states, since, until, ...rest }: RunSearch): RunQuery {
  return {
    ...rest,
    ...(flow === undefined ? {} : { flows: [flowNamed(flow)] }),
    ...(states === undefined ? {} : { states }),
    ...(since === undefined ? {} : { since: epochMs(since) }),
    ...(until === undefined ? {} : { until: epochMs(until) }),
  }
}

async function views({ sql, now }: FlowOffice, runs: readonly RunRecord[]): Promise<FlowRun[]> {
  const progress = await progressOf(
    sql,
    runs.map(({ id }) => id),
  )
  return runs.map((run) => flowRunView(run, { progress: progress.get(run.id), isSkipped: isSkipped(run.result), now: now() }))
}

async function detail(office: FlowOffice, id: string): Promise<RunDetail> {
  const record = await recordOf(office, id)
  const [steps, results] = await Promise.all([office.runs.steps(id), resultsOf(office.sql, [id])])
  // A step began it and another waited for it.
  const begun = [...new Set(steps.flatMap(({ childId }) => childId ?? []))].slice(0, MOST_CHILDREN)
  const children = (await Promise.all(begun.map((child) => office.runs.record(child)))).flatMap((child) => child ?? [])
  const [run, ...rest] = await views(office, [record, ...children])
  return {
    run,
    parameters: record.parameters ?? null,
    request: record.request,
    result: record.result ?? null,
    failure: record.failure ?? null,
    steps: steps.map((step) =>
      runStepView(
        step,
        children.find(({ id: child }) => child === step.childId),
      ),
    ),
    children: rest,
    results: (results.get(id) ?? []).map(resultView),
  }
}

async function retried(office: FlowOffice, id: string, place: number | undefined): Promise<{ id: string }> {
  const record = await recordOf(office, id)
  const steps = await office.runs.steps(id)
  if (place !== undefined && !steps.some((step) => step.place === place))
    throw wrongRequest(
      'STEP_UNKNOWN',
      `The run ${id} has no step ${place}; it has ${steps.map((step) => `${step.place} (${step.name})`).join(', ')}.`,
    )
  return { id: await office.runs.retryFrom(id, place ?? placeToRetryFrom(record, steps)) }
}

async function recordOf({ runs }: FlowOffice, id: string): Promise<RunRecord> {
  const record = await runs.record(id)
  if (record !== undefined) return record
  throw wrongRequest('RUN_UNKNOWN', `There is no run ${id}; find one by its flow (spreadworks flow runs --flow …).`)
}
