import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { raiseAlert, resolveAlert } from '#alerts/alerts.store.ts'
import { type Certificate, compareCertificates, differenceInWords } from '#desk/certificate.ts'
import type { Book } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { bookLike, deleteBook } from './books.store.ts'
import { accountDay, saveResult } from './flow-results.store.ts'
import type { RecyclerCheckParameters, RecyclerCheckSteps, RecyclerFinding } from './recycler-check.flow.ts'
import type { RehearsalParameters } from './rehearsal.ts'
import { accountOf } from './rehearse.steps.ts'
import { runLog } from './run-log.flow.ts'

export type RecyclerCheckDependencies = {
  readonly sql: Pool
  /** The account's book; undefined without an account. */
  readonly accountBook: Book | undefined
  readonly now: () => EpochMs
}

export function recyclerCheckSteps(dependencies: RecyclerCheckDependencies): RecyclerCheckSteps {
  return {
    compare: (parameters) => compare(dependencies, parameters),
    forget: ({ rehearsal }) => deleteBook(dependencies.sql, rehearsal.book),
  }
}

async function compare(
  { sql, accountBook, now }: RecyclerCheckDependencies,
  { rehearsal }: RecyclerCheckParameters,
): Promise<RecyclerFinding> {
  const [day] = rehearsal.days
  if (day === undefined) throw new RangeError('a check has one day')
  const other = (await ofAccount(sql, accountBook, day)) ?? (await ofRehearsal(sql, rehearsal))
  const own = await accountOf(sql, rehearsal)
  const finding = findingOf(own.certificate, other, day)
  const { book } = rehearsal
  const detail = { ...finding, certificate: own.certificate.hash, comparedWith: other?.book ?? null }
  await saveResult(sql, DBOS.workflowID ?? '', { kind: 'finding', reference: `recycler-${day}`, book, day, detail })
  await runLog(sql, 'compare')[finding.kind === 'differs' ? 'warn' : 'info'](finding.sentence, detail)
  const key = `recycler-differs:${day}`
  if (finding.kind === 'differs')
    await raiseAlert(sql, {
      ...{ key, at: now(), severity: 'warning', title: `The rehearsal of ${day} differs from the day`, body: finding.sentence },
      ...{ flow: 'recycler-check', runId: DBOS.workflowID ?? '' },
    })
  else await resolveAlert(sql, key, now())
  return finding
}

type Compared = { readonly book: Book; readonly certificate: Certificate }

/** What the account did on the day, where it had one. */
async function ofAccount(sql: Pool, book: Book | undefined, day: SessionDate): Promise<Compared | undefined> {
  const decided = book === undefined ? undefined : await accountDay(sql, book, day)
  if (decided === undefined) return undefined
  return { book: decided.book, certificate: (await accountOf(sql, { ...decided, days: [day] })).certificate }
}

/** The newest earlier book of the same day, feed and parameters. */
async function ofRehearsal(sql: Pool, rehearsal: RehearsalParameters): Promise<Compared | undefined> {
  const book = await bookLike(sql, rehearsal)
  return book && { book, certificate: (await accountOf(sql, { ...rehearsal, book })).certificate }
}

function findingOf(own: Certificate, other: Compared | undefined, day: SessionDate): RecyclerFinding {
  if (other === undefined)
    return {
      kind: 'nothing-to-compare',
      sentence: `${day} was rehearsed for the first time with these parameters; there is nothing to compare it with.`,
    }
  const difference = compareCertificates(other.certificate, own)
  if (difference === undefined)
    return { kind: 'same', sentence: `The rehearsal of ${day} is what ${other.book} was: ${own.hash}.` }
  return { kind: 'differs', sentence: `${day}: first ${other.book}, second the rehearsal. ${differenceInWords(difference)}` }
}
