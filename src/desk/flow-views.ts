/** Flows as people see them: what there is, when it runs by itself, its runs, their steps and logs, and who carries them out. */
import { z } from 'zod'

const RunState = z.enum(['queued', 'running', 'done', 'failed', 'cancelled'])

export const RunProgress = z.object({
  done: z.number(),
  total: z.number().nullable().describe('null while it is not known'),
  unit: z.string(),
  perSecond: z.number().nullable().describe('since the run began; null before anything was done'),
  leftMs: z.number().nullable().describe('at that rate; null while it cannot be told'),
})

export const FlowRun = z.object({
  id: z.string(),
  name: z.string().describe('of its flow'),
  state: RunState,
  startedAt: z.number().describe('epoch ms, wall time: when it began, or was asked for while it waits'),
  endedAt: z.number().nullable(),
  progress: RunProgress.nullable(),
  sentence: z.string().describe('what it is doing or how it ended, in words'),
  askedAt: z.number(),
  cause: z.enum(['person', 'schedule', 'backfill', 'retry', 'flow']).describe('what made it begin'),
  scheduledFor: z.number().nullable().describe('the instant that a schedule named'),
  tags: z.array(z.string()),
  facts: z.record(z.string(), z.string()).describe('what it can be searched by: pair, day, book, …'),
  queue: z.string().nullable(),
  worker: z.string().nullable(),
  attempts: z.number().describe('how often it was begun: more than once when a worker was lost'),
  isTimedOut: z.boolean(),
  isSkipped: z.boolean().describe('ended before its first step, since what it waits for could not come in time'),
  parentId: z.string().nullable(),
  retryOf: z.string().nullable(),
})

export const RunStep = z.object({
  place: z.number().describe('a run can be retried from it'),
  name: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  failure: z.string().nullable(),
  childId: z.string().nullable().describe('the run that it began'),
})

/** Something that a run left: a screen, a model, a certificate. */
export const RunResult = z.object({
  kind: z.string(),
  reference: z.string().describe('its own key, such as the id of a screen or the hash of a certificate'),
  book: z.string().nullable(),
  day: z.string().nullable(),
  says: z.string().describe('its figures in words'),
  at: z.number(),
})

export const RunDetail = z.object({
  run: FlowRun,
  parameters: z.unknown(),
  request: z.record(z.string(), z.unknown()).describe('what its flow can be asked for, as this run was'),
  result: z.unknown(),
  failure: z.string().nullable(),
  steps: z.array(RunStep).describe('in the order in which they began'),
  children: z.array(FlowRun).describe('the runs that it began, oldest first'),
  results: z.array(RunResult),
})

export const RunList = z.object({
  runs: z.array(FlowRun),
  isMore: z.boolean().describe('whether older ones match too'),
})

export const FlowSchedule = z.object({
  phrase: z.string().describe('when it runs by itself, as the settings say'),
  isPaused: z.boolean(),
  pausedBy: z.string().nullable(),
  next: z.array(z.number()).describe('the next occurrences, epoch ms, ascending; none while it is paused'),
})

export const FlowView = z.object({
  name: z.string(),
  does: z.string(),
  owner: z.string(),
  tags: z.array(z.string()),
  queue: z.string(),
  timeoutMs: z.number(),
  missed: z.enum(['skip', 'last', 'all']).describe('which occurrences still run after no process ran at them'),
  after: z.array(z.object({ flow: z.string(), until: z.enum(['ended', 'succeeded']) })),
  isStartable: z.boolean().describe('whether a person can start it; some are begun by other flows alone'),
  schedule: FlowSchedule.nullable().describe('null when it does not run by itself'),
  needsAccount: z.boolean().describe('whether it runs by itself only with an account at a broker'),
  takes: z.record(z.string(), z.unknown()).describe('JSON schema of what it can be asked for'),
  lastRun: FlowRun.nullable(),
})

export const LogLine = z.object({
  id: z.number(),
  at: z.number(),
  step: z.string().nullable(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()),
})

export const WorkerView = z.object({
  name: z.string(),
  host: z.string(),
  pid: z.number().nullable(),
  version: z.string(),
  state: z.enum(['live', 'draining', 'gone']),
  queues: z.array(z.string()),
  running: z.number().describe('runs that it carries out'),
  startedAt: z.number(),
})

export const QueueView = z.object({
  name: z.string(),
  waiting: z.number(),
  running: z.number(),
  atOnce: z.number().nullable().describe('runs at once of all workers; null: as many as come'),
  atOncePerWorker: z.number().nullable(),
  rate: z.object({ runs: z.number(), perMs: z.number() }).nullable().describe('the most that begin in a time'),
  oldestWaitingSince: z.number().nullable(),
})

export type FlowRun = z.infer<typeof FlowRun>
export type RunStep = z.infer<typeof RunStep>
export type RunResult = z.infer<typeof RunResult>
export type RunDetail = z.infer<typeof RunDetail>
export type RunList = z.infer<typeof RunList>
export type FlowSchedule = z.infer<typeof FlowSchedule>
export type FlowView = z.infer<typeof FlowView>
export type LogLine = z.infer<typeof LogLine>
export type WorkerView = z.infer<typeof WorkerView>
export type QueueView = z.infer<typeof QueueView>

/** A part of a run's log: the newest `limit` lines, those after an id, or those before one. */
export type LogPage = {
  readonly limit: number
  readonly after?: number
  readonly before?: number
  readonly level?: LogLine['level']
}
