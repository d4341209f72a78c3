import type { EpochMs } from '#domain/units.ts'

/** Time as connections need it: what it is, and a call later. Handed in, so that a test lets an hour pass in a moment. */
export type Timer = {
  readonly now: () => EpochMs
  /** Calls `run` once, `ms` later; the answer calls it off. */
  readonly after: (ms: number, run: () => void) => () => void
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
