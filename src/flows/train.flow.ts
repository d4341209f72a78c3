import type { EpochMs } from '#domain/units.ts'
import { isOfCheck, type TrainParameters } from './rehearsal.ts'
import type { Retries } from './retries.ts'
import { step } from './step.flow.ts'

/** A run at the tracking server. */
export type OpenRun = { readonly runId: string; readonly artifactUri: string; readonly startedAt: EpochMs }

export type TrainSteps = {
  /** Fits and stores the pair's model; undefined when the pair cannot be trained, the reason being logged. */
  readonly fit: (parameters: TrainParameters) => Promise<string | undefined>
  /** Begins a run for a stored model at the tracking server. */
  readonly startRun: (parameters: TrainParameters, modelId: string) => Promise<OpenRun>
  /** Logs the model to its run, with its curves and scores. Again says the same. */
  readonly track: (parameters: TrainParameters, modelId: string, run: OpenRun) => Promise<void>
  /** Registers the model that was logged, and ends its run. */
  readonly register: (parameters: TrainParameters, modelId: string, run: OpenRun) => Promise<void>
}

/** The tracking server may be another machine's. */
const ASKED_AGAIN: Retries = { attempts: 3, firstMs: 1_000, factor: 2 }

/** One pair's model for one day: fitted, stored, tracked, unless it only checks another. Answers the model's id. */
export const train =
  (steps: TrainSteps) =>
  async (parameters: TrainParameters): Promise<string | undefined> => {
    const modelId = await step('fit', () => steps.fit(parameters))
    if (modelId === undefined) return undefined
    if (isOfCheck(parameters.day.book)) return modelId
    const run = await step('start-run', () => steps.startRun(parameters, modelId), ASKED_AGAIN)
    await step('track', () => steps.track(parameters, modelId, run), ASKED_AGAIN)
    await step('register', () => steps.register(parameters, modelId, run), ASKED_AGAIN)
    return modelId
  }
