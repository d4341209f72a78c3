import type { PairsParameters, PreparedDay } from './prepared-day.ts'
import type { DayParameters } from './rehearsal.ts'
import { step } from './step.flow.ts'

export type PreprocessSteps = {
  /** Opens the book where there is none. */
  readonly openBook: (day: DayParameters) => Promise<void>
  /** Aligns the bars that the day's screen reads, and keeps their hash and, of each symbol, completeness and variance stability. */
  readonly prepare: (day: DayParameters) => Promise<PreparedDay>
}

/** What the screen of a day will read, looked at. */
export const preprocess =
  (steps: PreprocessSteps) =>
  async ({ day }: PairsParameters): Promise<PreparedDay> => {
    await step('open-book', () => steps.openBook(day))
    return step('prepare', () => steps.prepare(day))
  }
