import { epochMs } from '#domain/units.ts'
import type { Timer } from './timer.ts'

/** The machine's own time. What waits on it keeps no process alive. */
export const WALL_TIMER: Timer = {
  now: () => epochMs(Date.now()),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
