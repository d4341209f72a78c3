import type { BookReport } from '#desk/book-report.ts'
import type { Certificate } from '#desk/certificate.ts'
import type { Book } from '#domain/book.ts'
import { loadBook } from '#flows/books.store.ts'
import { type RehearsalParameters, rehearsalRunId } from '#flows/rehearsal.ts'
import { planRehearsal, type RehearsalRequest } from '#flows/rehearsal-plan.steps.ts'
import { accountOf } from '#flows/rehearse.steps.ts'
import type { House } from './house.client.ts'
import { endOfRun, type Watching } from './runs.client.ts'

/** Starts the rehearsal that is asked for. Throws a Fault of exit code 2 when there can be none. */
export async function startRehearsal(
  { database, engine, settings }: House,
  request: RehearsalRequest,
): Promise<RehearsalParameters> {
  const parameters = await planRehearsal(database.pool, request, settings)
  const { book, days } = parameters
  const facts = { book, day: days.join(' ') }
  await engine.start({ flow: 'rehearse', runId: rehearsalRunId(book), parameters, facts, cause: 'person' })
  return parameters
}

/** Waits for a rehearsal's end, as `endOfRun` does, which is the report of its book. */
export async function endOfRehearsal(
  house: House,
  parameters: RehearsalParameters,
  watching: Watching,
): Promise<{ book: Book; report: BookReport; certificate: Certificate }> {
  const sql = house.database.pool
  await endOfRun<unknown>(house, rehearsalRunId(parameters.book), watching)
  const stored = await loadBook(sql, parameters.book)
  // Every book that ended has been given the report of this shape.
  return {
    book: parameters.book,
    report: stored?.report as BookReport,
    certificate: (await accountOf(sql, parameters)).certificate,
  }
}
