import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowControl, RunSearch } from '#api/flow-control.ts'
import { fieldsFromWords } from '#cli/flow-fields.ts'
import type { AskedRun, FlowFields, FlowProgram, FlowRunRequest, LogsRequest, RunsRequest } from '#cli/flow-program.ts'
import type { LogLine } from '#desk/flow-views.ts'
import { wrongRequest } from '#domain/fault.ts'
import { CATALOG } from '#flows/catalog.ts'
import { connectRuns } from '#flows/connect-runs.client.ts'
import { flowsVersion } from '#flows/flows-version.ts'
import { workers } from '#flows/workers.store.ts'
import { alpacaAccount } from './alpaca-account.client.ts'
import type { Store } from './exchange-checks.client.ts'
import { flowControl } from './flow-control.client.ts'
import { type FlowOffice, flowNamed, officeOf, officeWithoutHouse } from './flow-office.client.ts'
import { endOfFlow } from './flow-waiting.client.ts'
import type { House } from './house.client.ts'
import { workerLost } from './runs.client.ts'

const BY = 'command line'
const LOOK_EVERY_MS = 400
const MOST_LINES_A_LOOK = 1000

export type FlowProgramParts = {
  readonly openStore: () => Promise<Store>
  /** Makes this process a worker. */
  readonly openHouse: () => Promise<House>
  readonly say: (sentence: string) => void
}

type Desk = { readonly office: FlowOffice; readonly control: FlowControl }

/** The commands about flows. Each opens what it needs when it is asked, and closes it again. */
export function flowProgram(parts: FlowProgramParts): FlowProgram {
  const using = <T>(work: (desk: Desk) => Promise<T>): Promise<T> => atDesk(parts, work)
  return {
    flows: () => using(({ control }) => control.flows()),
    run: (request, onProgress, signal) => run(parts, request, { onProgress, signal }),
    setPaused: (name, isPaused) => using(({ control }) => control.setPaused(name, isPaused, BY)),
    backfill: (name, range, fields) =>
      using(async ({ control }) => control.backfill(name, range, await requestFrom(control, name, fields))),
    runs: (request) => using(({ control }) => control.find(searchOf(request))),
    show: (runId) => using(({ control }) => control.run(runId)),
    logs: (request, told, signal) => using(({ control }) => tellLogs(control, request, { ...told, signal })),
    cancel: (runId) => using(({ control }) => control.cancel(runId)),
    retry: (runId, step) => using(async ({ control }) => control.retry(runId, await placeOf(control, runId, step))),
  }
}

async function atDesk<T>({ openStore, say }: FlowProgramParts, work: (desk: Desk) => Promise<T>): Promise<T> {
  const opened = new AsyncDisposableStack()
  try {
    const { settings, credentials, database } = await openStore()
    opened.defer(database.close)
    const runs = await connectRuns({ databaseUrl: database.url, onTrouble: say })
    opened.defer(runs.close)
    const account = alpacaAccount(settings, credentials, say)
    const office = officeWithoutHouse({ settings, database, account, runs })
    return await work({ office, control: flowControl(office) })
  } finally {
    await opened.disposeAsync()
  }
}

type Watched = { readonly onProgress: Parameters<FlowProgram['run']>[1]; readonly signal: AbortSignal }

/** Starts a run; stays for its end when asked to. Where no live worker of this version takes such runs, this process becomes one. */
async function run(parts: FlowProgramParts, request: FlowRunRequest, watched: Watched): Promise<AskedRun> {
  const asked = await atDesk(parts, async ({ office, control }) => {
    const fields = await requestFrom(control, request.name, request.fields)
    const started = await control.start(request.name, fields, { isAgain: request.isAgain })
    if (!(await hasWorker(office, request.name))) return { ...started, isAlone: true, run: undefined }
    const ended = request.isWaited ? await endOfFlow(office, started.id, watched) : undefined
    return { ...started, isAlone: false, run: ended }
  })
  const { isAlone, ...answer } = asked
  return isAlone ? { ...answer, run: await carriedOut(parts, answer.id, watched) } : answer
}

async function hasWorker({ sql }: FlowOffice, name: string): Promise<boolean> {
  const { queue } = CATALOG[flowNamed(name)]
  const version = flowsVersion()
  return (await workers(sql)).some(
    ({ state, queues, flowsVersion: known }) => state === 'live' && known === version && queues.includes(queue),
  )
}

async function carriedOut({ openHouse, say }: FlowProgramParts, runId: string, watched: Watched) {
  say('no worker is at work that takes such runs, so this process carries it out')
  const house = await openHouse()
  try {
    const lost = house.lost.then((cause) => Promise.reject(workerLost(cause)))
    return await Promise.race([endOfFlow(officeOf(house), runId, watched), lost])
  } finally {
    await house.close()
  }
}

async function requestFrom(control: FlowControl, name: string, fields: FlowFields): Promise<Readonly<Record<string, unknown>>> {
  if (fields.kind === 'json') return fields.fields
  if (fields.words.length === 0) return {}
  return fieldsFromWords(name, fields.words, (await control.flow(name)).takes)
}

function searchOf({ flow, states, since, until, tag, facts, withChildren, limit, offset }: RunsRequest): RunSearch {
  return {
    ...(flow === undefined ? {} : { flow }),
    ...(states.length === 0 ? {} : { states }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(tag === undefined ? {} : { tag }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
    ...{ withChildren, limit, offset },
  }
}

type Told = {
  readonly onLines: (lines: readonly LogLine[]) => void
  readonly isFollowed: boolean
  readonly signal: AbortSignal
}

async function tellLogs(control: FlowControl, { runId, limit, level }: LogsRequest, told: Told): Promise<void> {
  let page: { readonly limit: number; readonly after?: number } = { limit }
  for (;;) {
    const { run } = await control.run(runId)
    const lines = await control.logs(runId, { ...page, level })
    if (lines.length > 0) told.onLines(lines)
    if (!told.isFollowed || told.signal.aborted || (run.endedAt !== null && lines.length === 0)) return
    page = { limit: MOST_LINES_A_LOOK, after: lines.at(-1)?.id ?? page.after ?? 0 }
    await sleep(LOOK_EVERY_MS, undefined, { signal: told.signal }).catch(() => undefined)
  }
}

/** The place of a step that is named by its name or place. Throws STEP_UNKNOWN. */
async function placeOf(control: FlowControl, runId: string, step: string | undefined): Promise<number | undefined> {
  if (step === undefined) return undefined
  const { steps } = await control.run(runId)
  const found = steps.find(({ name, place }) => name === step || String(place) === step)
  if (found !== undefined) return found.place
  const known = steps.map(({ place, name }) => `${place} (${name})`).join(', ')
  throw wrongRequest('STEP_UNKNOWN', `The run ${runId} has no step '${step}'; it has ${known === '' ? 'none yet' : known}.`)
}
