import type { Settings } from '#settings/schema.ts'
import { QUEUES, type QueueName } from './flow-names.ts'

/** What holds a queue's runs back; undefined: nothing. */
export type QueueLimits = {
  /** Runs that one worker carries out at once. */
  readonly perWorker: number | undefined
  /** Runs that all workers carry out at once. */
  readonly atOnce: number | undefined
  /** Runs that all workers together begin in a minute. */
  readonly perMinute: number | undefined
}

/**
 * The limits of every queue, as the settings say; 0 there is none. A worker carries out at most as many runs of `train` at once
 * as it has training `threads`, so that the rest is left to others. No worker takes more than all may carry out.
 */
export function queueLimits(settings: Settings['queues'], threads: number): ReadonlyMap<QueueName, QueueLimits> {
  return new Map(QUEUES.map((queue) => [queue, limitsOf(settings, queue, queue === 'train' ? threads : undefined)]))
}

function limitsOf(settings: Settings['queues'], queue: QueueName, otherwise: number | undefined): QueueLimits {
  const atOnce = noneIfZero(settings[`${queue}GlobalConcurrency`])
  const perWorker = noneIfZero(settings[`${queue}WorkerConcurrency`]) ?? otherwise
  return {
    perWorker: perWorker === undefined || atOnce === undefined ? perWorker : Math.min(perWorker, atOnce),
    atOnce,
    perMinute: noneIfZero(settings[`${queue}PerMinute`]),
  }
}

function noneIfZero(limit: number): number | undefined {
  return limit === 0 ? undefined : limit
}
