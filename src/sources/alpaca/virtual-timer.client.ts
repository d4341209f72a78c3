import { setImmediate } from 'node:timers/promises'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { Timer } from './timer.ts'

/** A timer whose time passes only when it is told to. */
export type VirtualTimer = Timer & {
  /** Lets `ms` pass: whatever is due runs in its order, each call with what follows from it before the next. */
  readonly advance: (ms: number) => Promise<void>
  /**
   * What `work` resolves to: until it does, time passes from one call that is due to the next, with a turn of the event loop
   * between, and stands still while none is.
   */
  readonly through: <T>(work: Promise<T>) => Promise<T>
}

/** For tests and soaks: time that begins at `start`. */
export function virtualTimer(start: EpochMs): VirtualTimer {
  const due = new Set<{ readonly at: number; readonly run: () => void }>()
  let now: number = start
  // Told of every call that is asked for, and of the end of the work that time passes for.
  let asked = () => {}
  const nextBy = (until: number) => {
    const [call] = [...due].sort((a, b) => a.at - b.at)
    return call && call.at <= until ? call : undefined
  }
  const advance = async (ms: number) => {
    const until = now + ms
    for (let call = nextBy(until); call; call = nextBy(until)) {
      due.delete(call)
      now = Math.max(now, call.at)
      call.run()
      // What waited for the call goes on, and may call off or ask for others.
      for (let turn = 0; turn < 4; turn++) await Promise.resolve()
    }
    now = until
  }
  return {
    now: () => epochMs(now),
    after: (ms, run) => {
      const call = { at: now + Math.max(0, ms), run }
      due.add(call)
      asked()
      return () => due.delete(call)
    },
    advance,
    through: async (work) => {
      let isDone = false
      const settle = () => {
        isDone = true
        asked()
      }
      work.then(settle, settle)
      for (await setImmediate(); !isDone; await setImmediate()) {
        const next = nextBy(Number.POSITIVE_INFINITY)
        if (next) await advance(Math.max(0, next.at - now))
        else await new Promise<void>((resolve) => (asked = resolve))
      }
      return work
    },
  }
}
