import { type EpochMs, epochMs } from '#domain/units.ts'
import { passing } from '#sources/alpaca/timer.ts'
import { CATALOG } from './catalog.ts'
import type { FlowName } from './flow-names.ts'
import { handleSchedule, type NextLook, type SchedulingTerms } from './schedule-turn.store.ts'

/** How often the clock is looked at: after a machine slept or its clock was set, nothing is later than this. */
const LOOK_EVERY_MS = 1_000
/** How often a schedule is read anew, so that what another process changed is known here. */
const READ_EVERY_MS = 600_000
/** How soon a schedule is looked at again that another process is at, and one that could not be handled. */
const HELD_MS = 200
const RETRY_MS = 1_000

export type SchedulerOptions = SchedulingTerms & {
  /** The phrase of each flow that this process may begin; an empty one ends its schedule. */
  readonly schedules: ReadonlyMap<FlowName, string>
  /** Told in a sentence why a schedule cannot be followed just now; once for each reason. It is tried until it can. */
  readonly onTrouble: (sentence: string) => void
}

/** Begins what the schedules name, in this process and in every other one like it, each occurrence once. */
export type Scheduler = {
  /** Resolves when nothing of it is under way. */
  readonly close: () => Promise<void>
}

/** A schedule as this process follows it. */
type Watched = {
  readonly flow: FlowName
  /** Not in force yet: the phrase that this process brings. */
  newPhrase: string | undefined
  lookAt: EpochMs
  trouble: string | undefined
}

/**
 * Follows the schedules from now on. Every worker has one, and whoever is first at an occurrence begins it. The phrases come into force when
 * it opens: of several processes with different settings the one that was started last says. Between two occurrences it only looks at the
 * clock, once a second.
 */
export function openScheduler(options: SchedulerOptions): Scheduler {
  const closing = new AbortController()
  const ended = follow(options, closing.signal)
  return {
    close: () => {
      closing.abort()
      return ended
    },
  }
}

async function follow(options: SchedulerOptions, signal: AbortSignal): Promise<void> {
  const { timer } = options
  const watch = watchOf(options)
  let before = timer.now()
  while (!signal.aborted) {
    const now = timer.now()
    for (const watched of watch) {
      // What was next by a clock that was set back says nothing.
      if (now < before) watched.lookAt = now
      if (watched.lookAt <= timer.now() && !signal.aborted) await look(options, watched)
    }
    before = timer.now()
    const nextMs = Math.min(...watch.map(({ lookAt }) => lookAt)) - before
    await passing(timer, Math.min(LOOK_EVERY_MS, Math.max(1, nextMs)), signal)
  }
}

/** What must not wait comes first. */
function watchOf({ schedules, timer }: SchedulerOptions): Watched[] {
  const watch = [...schedules].map(([flow, newPhrase]) => ({ flow, newPhrase, lookAt: timer.now(), trouble: undefined }))
  return watch.sort((a, b) => CATALOG[a.flow].priority - CATALOG[b.flow].priority)
}

async function look(options: SchedulerOptions, watched: Watched): Promise<void> {
  try {
    const next = await handleSchedule(options, watched.flow, watched.newPhrase)
    if (next !== 'held') watched.newPhrase = undefined
    watched.trouble = undefined
    watched.lookAt = lookAgainAt(options.timer.now(), next)
  } catch (cause) {
    const trouble = `The schedule of ${watched.flow} waits: ${cause instanceof Error ? cause.message : String(cause)}`
    if (trouble !== watched.trouble) options.onTrouble(trouble)
    watched.trouble = trouble
    watched.lookAt = epochMs(options.timer.now() + RETRY_MS)
  }
}

function lookAgainAt(now: EpochMs, next: NextLook): EpochMs {
  if (next === 'held') return epochMs(now + HELD_MS)
  const read = now + READ_EVERY_MS
  return epochMs(next === undefined ? read : Math.min(next, read))
}
