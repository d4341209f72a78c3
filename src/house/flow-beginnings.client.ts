import type { FlowRequest, Started } from '#api/flow-control.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { EpochMs } from '#domain/units.ts'
import type { FlowName } from '#flows/flow-names.ts'
import { type FlowOffice, startableNamed } from './flow-office.client.ts'
import { startFlow } from './flow-plans.client.ts'
import { type DayRange, occurrencesIn } from './flow-schedules.client.ts'

const MOST_BACKFILLED = 1_000

type Asked = { readonly name: string; readonly request: FlowRequest }

/** Begins the run that a person asks for. The same one is not begun twice, unless it ended badly or it `isAgain`. */
export async function startedByPerson(
  office: FlowOffice,
  { name, request, isAgain }: Asked & { readonly isAgain: boolean },
): Promise<Started> {
  const flow = startableNamed(office, name)
  const occasion = { kind: 'person', at: office.now() } as const
  const { runId, isNew } = await startFlow(office, flow, { fields: request, occasion, isAgain })
  return { id: runId, isNew }
}

/**
 * Begins a run for each occurrence from one date through another; for a flow that does not run by itself, for each session,
 * at its close. Runs that there were already are not begun again. Throws DAY_UNREADABLE, BACKFILL_EMPTY and BACKFILL_LONG.
 */
export async function backfilled(office: FlowOffice, { name, range, request }: Asked & { range: DayRange }): Promise<Started[]> {
  const flow = startableNamed(office, name)
  const started: Started[] = []
  for (const at of await instantsIn(office, flow, range)) {
    const { runId, isNew } = await startFlow(office, flow, { fields: request, occasion: { kind: 'backfill', at } })
    started.push({ id: runId, isNew })
  }
  return started
}

async function instantsIn(office: FlowOffice, flow: FlowName, range: DayRange): Promise<readonly EpochMs[]> {
  const instants = await occurrencesIn(office, flow, range)
  const between = `from ${range.from} through ${range.through}`
  if (instants.length === 0)
    throw wrongRequest('BACKFILL_EMPTY', `${flow} has no occurrence ${between}; name a range that has a trading day.`)
  if (instants.length > MOST_BACKFILLED)
    throw wrongRequest(
      'BACKFILL_LONG',
      `${flow} has ${instants.length} occurrences ${between}; at most ${MOST_BACKFILLED} are begun at once, so name a shorter range.`,
    )
  return instants
}
