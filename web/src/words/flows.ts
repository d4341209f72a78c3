import type { FlowRun, FlowView, QueueView } from '../../../src/api/contract.ts'
import type { Tone } from '../parts/chip.tsx'
import { count, duration } from './figures.ts'

/** Every state of a run, from what waits to what ended. */
export const RUN_STATES: readonly FlowRun['state'][] = ['queued', 'running', 'done', 'failed', 'cancelled']

export const STATE_TONES: Readonly<Record<FlowRun['state'], Tone>> = {
  queued: 'neutral',
  running: 'accent',
  done: 'gain',
  failed: 'loss',
  cancelled: 'warn',
}

/** What tells a state apart without its colour. */
export const STATE_MARKS: Readonly<Record<FlowRun['state'], string>> = {
  queued: '◌',
  running: '▸',
  done: '✓',
  failed: '✕',
  cancelled: '–',
}

export const CAUSE_NAMES: Readonly<Record<FlowRun['cause'], string>> = {
  person: 'a person',
  schedule: 'its schedule',
  backfill: 'a backfill',
  retry: 'a retry',
  flow: 'another flow',
}

const MISSED: Readonly<Record<FlowView['missed'], string>> = {
  skip: 'What was missed is left out.',
  last: 'Of what was missed the last is made up for.',
  all: 'Whatever was missed is made up for.',
}

/** What is known of a flow besides its name, in sentences. */
export function flowSentences({ does, after, missed, timeoutMs, schedule }: FlowView): string {
  const gates = after.map(({ flow, until }) => `It waits until ${flow} has ${until === 'ended' ? 'ended' : 'succeeded'}.`)
  const misses = schedule === null ? [] : [MISSED[missed]]
  return [does, ...gates, ...misses, `It is ended after ${duration(timeoutMs)}.`].join(' ')
}

/** `in 2 h 14 m`, `now`: how long until an instant. */
export function countdown(at: number, now: number): string {
  return at <= now ? 'now' : `in ${duration(at - now)}`
}

/** `2 m 14 s ago`, `now`: how long since an instant. */
export function ageText(at: number, now: number): string {
  return now - at < 1000 ? 'now' : `${duration(now - at)} ago`
}

/** `250 ms`, `1.9 s`, `2 m 14 s`: how long something took, finer the shorter it was. */
export function tookText(ms: number): string {
  if (ms < 1000) return `${count(Math.max(0, ms))} ms`
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms)
}

/** `305 of 390 minutes · 4.2 a second · 20 s left`: how far a run has come. */
export function progressText({ done, total, unit, perSecond, leftMs }: NonNullable<FlowRun['progress']>): string {
  const of = total === null ? '' : ` of ${count(total)}`
  return [
    `${count(done)}${of} ${unit}`,
    ...(perSecond === null ? [] : [rateText(perSecond)]),
    ...(leftMs === null || done === total ? [] : [`${duration(leftMs)} left`]),
  ].join(' · ')
}

function rateText(perSecond: number): string {
  if (perSecond >= 10) return `${count(perSecond)} a second`
  if (perSecond >= 0.5) return `${perSecond.toFixed(1)} a second`
  return perSecond * 60 >= 0.5 ? `${(perSecond * 60).toFixed(1)} a minute` : `${(perSecond * 3600).toFixed(1)} an hour`
}

/** `at most 4, 2 a worker; 200 a minute`: what limits a queue. */
export function limitText({ atOnce, atOncePerWorker, rate }: QueueView): string {
  const limits = [
    ...(atOnce === null ? [] : [`at most ${count(atOnce)}`]),
    ...(atOncePerWorker === null ? [] : [`${count(atOncePerWorker)} a worker`]),
    ...(rate === null ? [] : [`${count(rate.runs)} in ${duration(rate.perMs)}`]),
  ]
  return limits.length === 0 ? 'no limit' : limits.join(', ')
}
