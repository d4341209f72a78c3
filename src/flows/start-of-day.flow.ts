import { DBOS } from '@dbos-inc/dbos-sdk'
import type { PairName } from '#domain/pair.ts'
import { TRAIN_QUEUE } from './flow-names.ts'
import { type DayParameters, type TrainParameters, trainRunId } from './rehearsal.ts'

/** How often a waiting flow asks whether a pair's training has ended. */
const ASK_EVERY_MS = 100

/** The pairs to train, best first, with each one's share of the day's epochs. */
export type Shortlist = { readonly screenId: string; readonly pairs: readonly PairName[]; readonly epochsEach: number }

export type StartOfDaySteps = {
  /** Screens the universe on the sessions before the day. */
  readonly screen: (day: DayParameters) => Promise<Shortlist>
  /** Says which models pass the gates, and why the others do not. */
  readonly promote: (day: DayParameters) => Promise<void>
}

export type TrainPair = (parameters: TrainParameters) => Promise<string | undefined>

/** Makes a day ready for its open: screen, train pair by pair wherever a worker is free, promote. */
export const startOfDay =
  (steps: StartOfDaySteps, trainPair: TrainPair) =>
  async (day: DayParameters): Promise<string> => {
    const { screenId, pairs, epochsEach } = await DBOS.runStep(() => steps.screen(day), { name: 'screen' })
    const runs = []
    for (const pair of pairs) {
      const parameters = { day, screenId, pair, maximumEpochs: epochsEach }
      runs.push(await DBOS.startWorkflow(trainPair, { workflowID: trainRunId(parameters), queueName: TRAIN_QUEUE })(parameters))
    }
    for (const run of runs) await run.getResult({ pollingIntervalMs: ASK_EVERY_MS })
    await DBOS.runStep(() => steps.promote(day), { name: 'promote' })
    return screenId
  }
