import { z } from 'zod'
import { dateInNewYork, nextSession, sessionAtInstant, sessionDateFrom, sessionOn } from '#domain/calendar.ts'
import { type Fault, wrongRequest } from '#domain/fault.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { FlowName } from './flow-names.ts'
import type { RunFacts } from './runs.ts'

/** What makes a run begin, and the instant that it is about: now for a person, else the occurrence of the schedule. */
export type Occasion = { readonly kind: 'person' | 'scheduled' | 'backfill'; readonly at: EpochMs }

/** A run as it is to begin. */
export type PlannedRun = { readonly runId: string; readonly parameters: object; readonly facts: RunFacts }

/** What a flow can be asked for, and how its run follows from that. */
export type FlowPlan = {
  /** The fields, each with its meaning and, but for what the occasion or the settings say, its default: `{}` always runs. */
  readonly request: z.ZodObject
  /**
   * The run that `fields` ask for; `time` is 1 for the first of its kind, 2 when it is asked for again. Throws a Fault of exit
   * code 2 that names the field, the value and what is allowed, or says why there can be no such run.
   */
  readonly plan: (fields: Readonly<Record<string, unknown>>, occasion: Occasion, time?: number) => Promise<PlannedRun>
}

/** A flow's plan: `plan` is handed the fields as `request` understood them. `code` is of the Fault that wrong fields make. */
export function flowPlan<Request extends z.ZodObject>(
  {
    flow,
    request,
    code = 'FLOW_PARAMETERS_WRONG',
  }: { readonly flow: FlowName; readonly request: Request; readonly code?: string },
  plan: (asked: z.output<Request>, occasion: Occasion, time: number) => Promise<PlannedRun>,
): FlowPlan {
  return {
    request,
    plan: async (fields, occasion, time = 1) => {
      const parsed = request.safeParse(fields)
      if (parsed.success) return plan(parsed.data, occasion, time)
      throw wrongRequest(code, wrongFieldInWords({ flow, request }, fields, parsed.error))
    },
  }
}

/** The first field that is wrong, its value and what is allowed, as a sentence. */
function wrongFieldInWords(
  { flow, request }: { readonly flow: FlowName; readonly request: z.ZodObject },
  fields: Readonly<Record<string, unknown>>,
  { issues: [issue] }: z.ZodError,
): string {
  const known = Object.keys(request.shape)
  if (issue === undefined || issue.code === 'unrecognized_keys') {
    const unknown = Object.keys(fields).filter((name) => !known.includes(name))
    return `The flow ${flow} has no field ${unknown.join(', ')}; it takes ${known.length === 0 ? 'none' : known.join(', ')}.`
  }
  const name = String(issue.path[0])
  const meaning = request.shape[name]?.description
  const value = JSON.stringify(fields[name]) ?? 'nothing'
  return `The flow ${flow} cannot begin with ${name} ${value}: ${issue.message}${meaning === undefined ? '' : ` (${meaning})`}.`
}

/** A field for one day: a date that need not be given. */
export function dayField(meaning: string) {
  return z.iso.date('it must be a date, written as YYYY-MM-DD').describe(meaning).optional()
}

/** A field for symbols. */
export function symbolsField(meaning: string) {
  return z.array(z.string()).default([]).describe(meaning)
}

/** A field for sectors. */
export function sectorsField() {
  return z.array(z.string()).default([]).describe('Sectors whose symbols take part; all when none is named')
}

/** The trading day that a `dayField` names. Throws DAY_UNREADABLE or DAY_CLOSED. */
export function tradingDayFrom(text: string): SessionDate {
  const day = sessionDateFrom(text)
  if (day === undefined) throw wrongRequest('DAY_UNREADABLE', `'${text}' is not a date; write it as YYYY-MM-DD.`)
  if (sessionOn(day) === undefined)
    throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange was closed on ${day}; choose a trading day.`)
  return day
}

/** The session that trades at `at`, or the next. */
export function sessionAhead(at: EpochMs): Session {
  return sessionAtInstant(at) ?? nextSession(at)
}

/** `2018-03-28-0935`: New York's date and time at `at`, for the ids of runs that may begin many times a day. */
export function minuteName(at: EpochMs): string {
  const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('America/New_York').toPlainTime()
  return `${dateInNewYork(at)}-${time.toString({ smallestUnit: 'minute' }).replace(':', '')}`
}

/** `runId` for the first, `runId-2` for the second, and so on: a person who asks again gets a run of its own. */
export function repeatedRunId(runId: string, time: number): string {
  return time === 1 ? runId : `${runId}-${time}`
}

/** What is told when a flow is asked for that no person can begin. */
export function flowNotAsked(name: string, flows: readonly string[]): Fault {
  return wrongRequest('FLOW_UNKNOWN', `There is no flow '${name}' to start; there are ${flows.join(', ')}.`)
}

/** Sectors as a part of a run's id: `energy`, `energy-utilities`. */
export function sectorName(sectors: readonly string[]): string {
  const words = sectors.map((sector) => sector.toLowerCase().replace(/[^a-z0-9]+/g, '-'))
  return [...words].sort().join('-').slice(0, LONGEST_SECTORS)
}

/** So that a book's name, which has the run's id in it, stays within what a book may be called. */
const LONGEST_SECTORS = 32
