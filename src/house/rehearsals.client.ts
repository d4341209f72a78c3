import type { BookReport } from '#desk/book-report.ts'
import type { Certificate } from '#desk/certificate.ts'
import type { Book } from '#domain/book.ts'
import { Fault } from '#domain/fault.ts'
import { abandonBook, loadBook } from '#flows/books.store.ts'
import { progressOf } from '#flows/progress.store.ts'
import { bookOfRun, type RehearsalParameters, rehearsalRunId } from '#flows/rehearsal.ts'
import { planRehearsal, type RehearsalRequest } from '#flows/rehearsal-plan.steps.ts'
import { accountOf } from '#flows/rehearse.steps.ts'
import type { Progress } from '#flows/run-views.ts'
import type { House } from './house.client.ts'

const LOOK_AT_PROGRESS_MS = 200

/** Starts the rehearsal that is asked for. Throws a Fault of exit code 2 when there can be none. */
export async function startRehearsal(
  { database, engine, settings }: House,
  request: RehearsalRequest,
): Promise<RehearsalParameters> {
  const parameters = await planRehearsal(database.pool, request, settings)
  await engine.start('rehearse', rehearsalRunId(parameters.book), parameters)
  return parameters
}

/** Cancels a run and what it started; a rehearsal's book is marked, and its venue closed. */
export async function cancelRun({ database, engine, floor }: House, runId: string): Promise<void> {
  const book = bookOfRun(runId)
  if (book !== undefined) await abandonBook(database.pool, book, 'cancelled')
  await engine.cancel(runId)
  if (book !== undefined) await floor.leave(book)
}

export type Watching = { readonly onProgress: (progress: Progress) => void; readonly signal: AbortSignal }

/**
 * Waits for a rehearsal's end, which is the report of its book. When `signal` aborts, the rehearsal is cancelled and the
 * signal's reason thrown; WORKER_LOST when this process had to give its runs up.
 */
export async function endOfRehearsal(
  house: House,
  parameters: RehearsalParameters,
  { onProgress, signal }: Watching,
): Promise<{ book: Book; report: BookReport; certificate: Certificate }> {
  const sql = house.database.pool
  const runId = rehearsalRunId(parameters.book)
  const tellProgress = async () => {
    const progress = (await progressOf(sql, [runId])).get(runId)
    if (progress !== undefined) onProgress(progress)
  }
  const watch = setInterval(() => tellProgress().catch(() => undefined), LOOK_AT_PROGRESS_MS)
  const stopped = aborted(signal).then(() => cancelRun(house, runId))
  const lost = house.lost.then((cause) => Promise.reject(workerLost(cause)))
  await Promise.race([house.engine.result(runId), stopped, lost]).finally(() => clearInterval(watch))
  signal.throwIfAborted()
  const stored = await loadBook(sql, parameters.book)
  // Every book that ended has been given the report of this shape.
  return {
    book: parameters.book,
    report: stored?.report as BookReport,
    certificate: (await accountOf(sql, parameters)).certificate,
  }
}

/** What is told when this process lost its place among the workers. */
export function workerLost({ message }: Error): Fault {
  return new Fault(
    'WORKER_LOST',
    `The database closed the connection that shows this process to be alive (${message}); start it again, and it goes on.`,
  )
}

/** Resolves when `signal` has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
