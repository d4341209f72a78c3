import { setImmediate } from 'node:timers/promises'

/** The longest that the event loop waits for one piece of work, milliseconds. */
const SLICE_MS = 20

/** All of `work`, in its order. Between slices whatever else this process does has its turn: sockets, other runs, signs of life. */
export async function inSlices<T>(work: Iterable<T>): Promise<T[]> {
  const done: T[] = []
  let until = performance.now() + SLICE_MS
  for (const one of work) {
    done.push(one)
    if (performance.now() < until) continue
    await setImmediate()
    until = performance.now() + SLICE_MS
  }
  return done
}
