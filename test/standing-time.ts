import { setImmediate } from 'node:timers/promises'
import { type EpochMs, epochMs, instantFrom } from '#domain/units.ts'
import { type VirtualTimer, virtualTimer } from '#sources/alpaca/virtual-timer.client.ts'

/**
 * Time that stands still while one of its users is at work, and otherwise passes from one call that is due to the next. `awake` counts the
 * users that work; each of them waits in one call at a time. `shiftMs` is by how much the clock is wrong, `looks` how often somebody waited.
 */
export type StandingTime = VirtualTimer & {
  readonly calls: ReadonlySet<{ readonly at: number }>
  awake: number
  shiftMs: number
  looks: number
}

/** Such time from `start` on. */
export function timeFrom(start: EpochMs): StandingTime {
  const timer = virtualTimer(start)
  const calls = new Set<{ readonly at: number }>()
  const time: StandingTime = {
    ...{ ...timer, calls, awake: 0, shiftMs: 0, looks: 0 },
    now: () => epochMs(timer.now() + time.shiftMs),
    after: (ms, run) => {
      const call = { at: timer.now() + ms }
      const wake = (go: () => void) => {
        if (calls.delete(call)) time.awake++
        go()
      }
      calls.add(call)
      time.awake--
      time.looks++
      const callOff = timer.after(ms, () => wake(run))
      return () => wake(callOff)
    },
  }
  return time
}

/** Lets time pass until `at`, and whoever works then come to its end. */
export async function until(time: StandingTime, at: string): Promise<void> {
  for (const end = instantFrom(at) - time.shiftMs; ; ) {
    while (time.awake > 0) await setImmediate()
    const now = time.now() - time.shiftMs
    if (now >= end) return
    await time.advance(Math.min(end, ...[...time.calls].map((call) => call.at)) - now)
  }
}
