import { setImmediate } from 'node:timers/promises'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { Timer } from './timer.ts'

/** A timer whose time passes only when it is told to. */
export type VirtualTimer = Timer & {
  /** Lets `ms` pass: whatever is due runs in its order, each call with what follows from it before the next. */
  readonly advance: (ms: number) => Promise<void>
  /** What `work` resolves to: time passes in steps of `stepMs`, with a turn of the event loop between, until it does. */
  readonly through: <T>(work: Promise<T>, stepMs: number) => Promise<T>
}

/** For tests and soaks: time that begins at `start`. */
export function virtualTimer(start: EpochMs): VirtualTimer {
  const due = new Set<{ readonly at: number; readonly run: () => void }>()
  let now: number = start
  const nextBy = (until: number) => {
    const first = [...due].reduce((a, b) => (b.at < a.at ? b : a), { at: Number.POSITIVE_INFINITY, run: () => undefined })
    return first.at <= until ? first : undefined
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
      return () => due.delete(call)
    },
    advance,
    through: async (work, stepMs) => {
      let isDone = false
      const settle = () => {
        isDone = true
      }
      work.then(settle, settle)
      for (await setImmediate(); !isDone; await setImmediate()) await advance(stepMs)
      return work
    },
  }
}
