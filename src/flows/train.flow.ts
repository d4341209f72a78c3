import { DBOS } from '@dbos-inc/dbos-sdk'
import type { EpochMs } from '#domain/units.ts'
import type { TrainParameters } from './rehearsal.ts'

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
const ASKED_AGAIN = { retriesAllowed: true, maxAttempts: 3 }

/** One pair's model for one day: fitted, stored, tracked. Answers the model's id. */
export const train =
  (steps: TrainSteps) =>
  async (parameters: TrainParameters): Promise<string | undefined> => {
    const modelId = await DBOS.runStep(() => steps.fit(parameters), { name: 'fit' })
    if (modelId === undefined) return undefined
    const run = await DBOS.runStep(() => steps.startRun(parameters, modelId), { name: 'start-run', ...ASKED_AGAIN })
    await DBOS.runStep(() => steps.track(parameters, modelId, run), { name: 'track', ...ASKED_AGAIN })
    await DBOS.runStep(() => steps.register(parameters, modelId, run), { name: 'register', ...ASKED_AGAIN })
    return modelId
  }
