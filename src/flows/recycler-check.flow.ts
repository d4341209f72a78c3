import { startChild } from './child.flow.ts'
import { type RehearsalParameters, rehearsalRunId } from './rehearsal.ts'
import { step } from './step.flow.ts'

/** The day in a book of its own. */
export type RecyclerCheckParameters = { readonly rehearsal: RehearsalParameters }

/** What the check found. `nothing-to-compare`: the day is rehearsed for the first time. */
export type RecyclerFinding = {
  readonly kind: 'same' | 'differs' | 'nothing-to-compare'
  /** In words, with the first row that differs. */
  readonly sentence: string
}

export type RecyclerCheckSteps = {
  /** Compares the certificate of the book with the day's, keeps the finding, and raises an alert when they differ. */
  readonly compare: (parameters: RecyclerCheckParameters) => Promise<RecyclerFinding>
  /** Removes the book: another of the same is there. */
  readonly forget: (parameters: RecyclerCheckParameters) => Promise<void>
}

const ASK_EVERY_MS = 100

/** Whether the last session, rehearsed, is what it was. */
export const recyclerCheck =
  (steps: RecyclerCheckSteps, rehearse: (parameters: RehearsalParameters) => Promise<string>) =>
  async (parameters: RecyclerCheckParameters): Promise<RecyclerFinding> => {
    const { book, days } = parameters.rehearsal
    const facts = { book, day: days[0] ?? '' }
    const run = await startChild(rehearse, { flow: 'rehearse', runId: rehearsalRunId(book), facts }, parameters.rehearsal)
    await run.getResult({ pollingIntervalMs: ASK_EVERY_MS })
    const finding = await step('compare', () => steps.compare(parameters))
    if (finding.kind === 'same') await step('forget', () => steps.forget(parameters))
    return finding
  }
