import { DBOS } from '@dbos-inc/dbos-sdk'
import type { TrainParameters } from './rehearsal.ts'

export type TrainSteps = {
  /** Fits and stores the pair's model; undefined when the pair cannot be trained, the reason being logged. */
  readonly fit: (parameters: TrainParameters) => Promise<string | undefined>
  /** Logs a stored model to the tracking server, with its curves and scores, and registers it. */
  readonly track: (parameters: TrainParameters, modelId: string) => Promise<void>
}

/** One pair's model for one day: fitted, stored, tracked. Answers the model's id. */
export const train =
  (steps: TrainSteps) =>
  async (parameters: TrainParameters): Promise<string | undefined> => {
    const modelId = await DBOS.runStep(() => steps.fit(parameters), { name: 'fit' })
    if (modelId !== undefined)
      await DBOS.runStep(() => steps.track(parameters, modelId), { name: 'track', retriesAllowed: true, maxAttempts: 3 })
    return modelId
  }
