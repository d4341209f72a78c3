import type { EpochMs } from '#domain/units.ts'

/** Time as connections need it: what it is, and a call later. Handed in, so that a test lets an hour pass in a moment. */
export type Timer = {
  readonly now: () => EpochMs
  /** Calls `run` once, `ms` later; the answer calls it off. */
  readonly after: (ms: number, run: () => void) => () => void
}

/** Resolves when `timer` shows `at`, or at once when `signal` aborts. A call that comes early, as when a clock was set back, is asked for again. */
export async function reached(timer: Timer, at: EpochMs, signal: AbortSignal): Promise<void> {
  while (timer.now() < at && !signal.aborted) await passing(timer, at - timer.now(), signal)
}

/** Resolves `ms` later, or at once when `signal` aborts. */
export function passing(timer: Timer, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = () => {
      callOff()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const callOff = timer.after(ms, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}
