import { Fault } from '#domain/fault.ts'
import { abandonBook } from '#flows/books.store.ts'
import { progressOf } from '#flows/progress.store.ts'
import { bookOfRun } from '#flows/rehearsal.ts'
import type { Progress } from '#flows/run-views.ts'
import type { House } from './house.client.ts'

const LOOK_AT_PROGRESS_MS = 200

/** Cancels a run and what it started; a rehearsal's book is marked, and its venue closed. */
export async function cancelRun({ database, engine, floor }: House, runId: string): Promise<void> {
  const book = bookOfRun(firstOf(runId))
  if (book !== undefined) await abandonBook(database.pool, book, 'cancelled')
  await engine.cancel(runId)
  if (book !== undefined) await floor.leave(book)
}

export type Watching = { readonly onProgress: (progress: Progress) => void; readonly signal: AbortSignal }

/**
 * Waits for a run's end and answers its result. When `signal` aborts, the run is cancelled and the signal's reason thrown;
 * WORKER_LOST when this process had to give its runs up.
 */
export async function endOfRun<T>(house: House, runId: string, { onProgress, signal }: Watching): Promise<T> {
  const tellProgress = async () => {
    const progress = (await progressOf(house.database.pool, [runId])).get(runId)
    if (progress !== undefined) onProgress(progress)
  }
  const watch = setInterval(() => tellProgress().catch(() => undefined), LOOK_AT_PROGRESS_MS)
  const stopped = aborted(signal)
    .then(() => cancelRun(house, runId))
    .then(() => Promise.reject(signal.reason))
  const lost = house.lost.then((cause) => Promise.reject(workerLost(cause)))
  return Promise.race([house.engine.result<T>(runId), stopped, lost]).finally(() => clearInterval(watch))
}

/** The run that a retry, or a retry of one, began with. */
function firstOf(runId: string): string {
  return runId.replace(/-retry-\d+$/, '')
}

/** What is told when this process lost its place among the workers. */
export function workerLost({ message }: Error): Fault {
  return new Fault(
    'WORKER_LOST',
    `This process is not a worker any more (${message}); start it again: what it was at goes on elsewhere until then.`,
  )
}

/** Resolves when `signal` has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
