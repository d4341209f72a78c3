import { occurrencesBetween } from '#domain/occurrences.ts'
import type { Schedule } from '#domain/schedule.ts'
import type { EpochMs } from '#domain/units.ts'
import type { MissedRunPolicy } from './catalog.ts'

/** Occurrences in (from, until] rest; `until` is undefined while nobody has let the schedule go on. */
export type Pause = { readonly from: EpochMs; readonly until: EpochMs | undefined }

/** What a schedule is looked at with. */
export type ScheduleLook = {
  readonly schedule: Schedule
  readonly policy: MissedRunPolicy
  /** Occurrences up to this instant have been handled. */
  readonly handledThrough: EpochMs
  readonly now: EpochMs
  /** How much later than its instant an occurrence may be seen, and still counts as in time. */
  readonly graceMs: number
  readonly pause: Pause | undefined
}

/** What is due: each occurrence ascending. `missed` are those that came too late; the ones of them that still run are in `start` too. */
export type DueRuns = {
  readonly start: readonly EpochMs[]
  readonly missed: readonly EpochMs[]
  /** The last occurrence that is handled by this, or as before when there is none. */
  readonly handledThrough: EpochMs
}

/**
 * What becomes of the occurrences in (handledThrough, now]. Those of a pause are passed over. The others are started when they are in
 * time; when they are late, they are missed, and the policy says which still run: none of them; the last, unless one in time follows it;
 * or each. A clock that was set back has nothing due until it has come to `handledThrough` again.
 */
export function dueRuns({ schedule, policy, handledThrough, now, graceMs, pause }: ScheduleLook): DueRuns {
  const occurrences = occurrencesBetween(schedule, handledThrough, now)
  const wanted = occurrences.filter((at) => !isResting(pause, at))
  const missed = wanted.filter((at) => at < now - graceMs)
  const inTime = wanted.slice(missed.length)
  return {
    start: [...madeUp(policy, missed, inTime.length > 0), ...inTime],
    missed,
    handledThrough: occurrences.at(-1) ?? handledThrough,
  }
}

/**
 * What is left of `due` when the runs of `begun` occurrences have begun already: a process that was killed after it had begun them and
 * before it could say so. Such an occurrence was not missed, however late it is looked at again.
 */
export function withoutBegun({ start, missed, handledThrough }: DueRuns, begun: ReadonlySet<EpochMs>): DueRuns {
  const isOpen = (at: EpochMs) => !begun.has(at)
  return { start: start.filter(isOpen), missed: missed.filter(isOpen), handledThrough }
}

function madeUp(policy: MissedRunPolicy, missed: readonly EpochMs[], isFollowed: boolean): readonly EpochMs[] {
  switch (policy) {
    case 'skip':
      return []
    case 'last':
      return isFollowed ? [] : missed.slice(-1)
    case 'all':
      return missed
    default:
      return policy satisfies never
  }
}

function isResting(pause: Pause | undefined, at: EpochMs): boolean {
  return pause !== undefined && pause.from < at && (pause.until === undefined || at <= pause.until)
}
