import type { FlowRun, FlowView, LogLine, RunDetail, RunList } from '#desk/flow-views.ts'
import { textTable } from './text-table.ts'

const ZONE = 'America/New_York'
const NO_TIME = '–'

/** Every flow for a person, a line each: when it runs by itself, how it last ended, what it does. */
export function flowsText(flows: readonly FlowView[]): string {
  const rows = flows.map(({ name, schedule, needsAccount, lastRun, queue, does }) => [
    name,
    schedule === null ? (needsAccount ? 'with an account' : 'on demand') : schedule.phrase,
    schedule === null ? NO_TIME : schedule.isPaused ? 'paused' : timeText(schedule.next.at(0) ?? null),
    lastRun === null ? 'never' : `${stateText(lastRun)} ${timeText(lastRun.startedAt)}`,
    queue,
    does,
  ])
  return `${textTable(['flow', 'runs', 'next', 'last', 'queue', 'does'], rows)}Times are New York’s.\n`
}

/** Whether a flow's schedule rests now, and when it runs next. */
export function pausedText({ name, schedule }: FlowView): string {
  if (schedule === null) return `${name} does not run by itself.\n`
  if (schedule.isPaused) return `${name} rests until it is resumed (spreadworks flow resume ${name}).\n`
  const next = schedule.next.at(0)
  return `${name} runs ${schedule.phrase}${next === undefined ? '' : `; next ${timeText(next)} New York`}.\n`
}

/** Runs for a person, newest first. */
export function runsText({ runs, isMore }: RunList): string {
  if (runs.length === 0) return 'No run matches.\n'
  const rows = runs.map((run) => [run.id, run.name, stateText(run), timeText(run.startedAt), tookText(run), run.sentence])
  const table = textTable(['run', 'flow', 'state', 'began', 'took', 'says'], rows, new Set([4]))
  return `${table}${isMore ? 'There are older ones; give --offset.\n' : ''}Times are New York’s.\n`
}

/** A run for a person: how it stands, what it was asked for, its steps, what it began and made. */
export function runText({ run, parameters, steps, children, results, failure }: RunDetail): string {
  const lines = [
    `${run.id}: ${stateText(run)}${run.isTimedOut ? ', since it took longer than it may' : ''}. ${run.sentence}`,
    `  flow ${run.name}, asked ${timeText(run.askedAt)} by ${CAUSES[run.cause]}${scheduledText(run)}, took ${tookText(run)}`,
    ...(run.worker === null ? [] : [`  worker ${run.worker}${run.attempts > 1 ? `, begun ${run.attempts} times` : ''}`]),
    ...(run.progress === null ? [] : [`  ${progressText(run.progress)}`]),
    ...(failure === null ? [] : [`  failed: ${failure}`]),
    ...named(run.facts),
    `  parameters ${JSON.stringify(parameters)}`,
    ...steps.map(({ place, name, state, startedAt, endedAt, failure: why }) => {
      const took = startedAt === null || endedAt === null ? '' : `, ${durationText(endedAt - startedAt)}`
      return `  step ${place} ${name}: ${state}${took}${why === null ? '' : `: ${why}`}`
    }),
    ...children.map(({ id, state, sentence }) => `  began ${id}: ${state}. ${sentence}`),
    ...results.map(({ kind, reference, says }) => `  ${kind} ${reference}: ${says}`),
  ]
  return `${lines.join('\n')}\n`
}

/** A line of a log for a person. */
export function logText({ at, level, step, message, fields }: LogLine): string {
  const figures = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`
  return `${timeText(at)} ${level.padEnd(5)} ${step === null ? '' : `${step}: `}${message}${figures}\n`
}

/** What was begun, and how to look at it. */
export function startedText(name: string, { id, isNew, run }: { id: string; isNew: boolean; run?: FlowRun | undefined }): string {
  if (run !== undefined) return `${id}: ${stateText(run)} after ${tookText(run)}. ${run.sentence}\n`
  if (!isNew) return `${id} was begun before and is not begun again; give --again for another (spreadworks flow show ${id}).\n`
  return `${name} begins as ${id} (spreadworks flow logs ${id} --follow).\n`
}

const CAUSES: Readonly<Record<FlowRun['cause'], string>> = {
  person: 'a person',
  schedule: 'its schedule',
  backfill: 'a backfill',
  retry: 'a retry',
  flow: 'another flow',
}

function scheduledText({ scheduledFor }: FlowRun): string {
  return scheduledFor === null ? '' : ` for ${timeText(scheduledFor)}`
}

function named(facts: FlowRun['facts']): string[] {
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? [] : [`  ${pairs.join(' ')}`]
}

function progressText({ done, total, unit, perSecond, leftMs }: NonNullable<FlowRun['progress']>): string {
  const rate = perSecond === null ? '' : `, ${perSecond.toPrecision(3)} a second`
  const left = leftMs === null ? '' : `, ${durationText(leftMs)} left`
  return `${done}${total === null ? '' : ` of ${total}`} ${unit}${rate}${left}`
}

function stateText({ state, isSkipped }: FlowRun): string {
  return isSkipped ? 'skipped' : state
}

function tookText({ startedAt, endedAt }: FlowRun): string {
  return endedAt === null ? 'not ended' : durationText(endedAt - startedAt)
}

function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours} h ${minutes} m`
  return minutes > 0 ? `${minutes} m ${seconds % 60} s` : `${seconds} s`
}

/** `2026-11-23 06:00:00` in New York; a dash for none. */
function timeText(at: number | null): string {
  if (at === null) return NO_TIME
  const time = Temporal.Instant.fromEpochMilliseconds(Math.round(at)).toZonedDateTimeISO(ZONE).toPlainDateTime()
  return time.toString({ smallestUnit: 'second' }).replace('T', ' ')
}
