import type { Clock } from '#domain/clock.ts'
import type { EpochMs } from '#domain/units.ts'

/** Wall time, handed in, in milliseconds. `wait` rejects when nobody waits for it any more. */
export type Wall = { readonly now: () => number; readonly wait: (ms: number) => Promise<void> }

/**
 * `clock` kept to `speed` times wall time at most, counted from its first sleep; `max` keeps it to nothing. The pace is
 * kept here and not by the exchange, so that what is decided and when it is sent are the same at every speed. Time that
 * was lost, to slow work or to a machine that slept, is not caught up with.
 */
export function pacedClock(clock: Clock, speed: number | 'max', wall: Wall): Clock {
  if (speed === 'max') return clock
  let last: { readonly at: EpochMs; readonly wallMs: number } | undefined
  return {
    now: clock.now,
    sleepUntil: async (at) => {
      last ??= { at: await clock.now(), wallMs: wall.now() }
      const due = Math.max(wall.now(), last.wallMs + (at - last.at) / speed)
      last = { at, wallMs: due }
      await wall.wait(Math.max(0, due - wall.now()))
      return clock.sleepUntil(at)
    },
  }
}
