import { ownRunId, startChild } from './child.flow.ts'
import type { PairsParameters, PreparedDay, Shortlist } from './prepared-day.ts'
import type { DayParameters } from './rehearsal.ts'
import { step } from './step.flow.ts'

export type IdentifyPairsSteps = {
  /** Opens the book of the screen where there is none. */
  readonly openBook: (day: DayParameters) => Promise<void>
  /** Screens the symbols that were found fit. The bars that it reads are those that were prepared, or it says that they are not. */
  readonly screen: (day: DayParameters, preparationId: string) => Promise<Shortlist>
}

export type Preprocess = (parameters: PairsParameters) => Promise<PreparedDay>

const ASK_EVERY_MS = 100

/** The pairs of a day: its bars are prepared first, in a run of their own, then every pair is tried. */
export const identifyPairs =
  (steps: IdentifyPairsSteps, preprocess: Preprocess) =>
  async ({ day }: PairsParameters): Promise<Shortlist> => {
    await step('open-book', () => steps.openBook(day))
    const facts = { day: day.day, book: day.book }
    const run = await startChild(preprocess, { flow: 'preprocess', runId: `${ownRunId()}-preprocess`, facts }, { day })
    const { preparationId } = await run.getResult({ pollingIntervalMs: ASK_EVERY_MS })
    return step('screen', () => steps.screen(day, preparationId))
  }
