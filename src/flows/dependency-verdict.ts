import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Dependency } from './catalog.ts'
import type { RunRecord } from './runs.ts'

/** What is seen of a dependency: the day's runs of the other flow, and whether its schedule will still begin one for the day. */
export type DependencySeen = {
  readonly dependency: Dependency
  readonly day: SessionDate
  readonly runs: readonly Pick<RunRecord, 'id' | 'state' | 'failure'>[]
  readonly isExpected: boolean
  readonly now: EpochMs
  /** From here on it is too late to begin. */
  readonly inTimeUntil: EpochMs
}

/** Whether a run may go on, has to wait, or ends without having done anything, and why. */
export type DependencyVerdict =
  | { readonly kind: 'met' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'unmet'; readonly reason: string }

const MET: DependencyVerdict = { kind: 'met' }

/**
 * The verdict on one dependency. `succeeded` is met by any run of the day that ended as planned; it is unmet as soon as none can any more.
 * `ended` is met when none is under way and none is to come, so that a flow that never runs by itself holds up nobody. Whatever is not met
 * by `inTimeUntil` is unmet.
 */
export function dependencyVerdict(seen: DependencySeen): DependencyVerdict {
  const { dependency, runs, isExpected } = seen
  const underWay = runs.find(({ state }) => state === 'queued' || state === 'running')
  const isOpen = underWay !== undefined || (isExpected && runs.length === 0)
  if (dependency.until === 'succeeded' && runs.some(({ state }) => state === 'done')) return MET
  if (dependency.until === 'ended' && !isOpen) return MET
  if (!isOpen || seen.now >= seen.inTimeUntil) return { kind: 'unmet', reason: reasonOf(seen, underWay?.id) }
  return { kind: 'wait' }
}

function reasonOf({ dependency, day, runs }: DependencySeen, underWay: string | undefined): string {
  if (underWay !== undefined) return `${underWay} had not ended when it was too late to begin`
  const [newest] = runs
  if (newest === undefined) return `no ${dependency.flow} of ${day} has begun`
  return `${newest.id} ${newest.state === 'cancelled' ? 'was cancelled' : `failed: ${newest.failure ?? 'no reason was kept'}`}`
}
