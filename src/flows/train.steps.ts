import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { kindOf } from '#domain/book.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { alignOnClock } from '#features/align.ts'
import { barsBetween } from '#market/bars.store.ts'
import { assemblePairModel } from '#models/assemble-pair-model.ts'
import { markTracked, modelWithId, saveModel } from '#models/models.store.ts'
import { promotion } from '#models/promotion.ts'
import { type NotTrainable, prepareTraining } from '#models/training-set.ts'
import type { TrainingPool } from '#network/training-pool.worker.ts'
import { loadShortlist, type ShortlistedPair } from '#pairs/screens.store.ts'
import type { Tracking } from '#tracking/tracking.client.ts'
import { lookbackOf } from './day-bars.steps.ts'
import { saveResult } from './flow-results.store.ts'
import { saveLog } from './logs.store.ts'
import { countTrained } from './progress.store.ts'
import { type TrainParameters, tellingRunId, trainRunId } from './rehearsal.ts'
import { openBookOfDay } from './start-of-day.steps.ts'
import { type TrackedModel, trackedModel } from './tracked-model.ts'
import type { OpenRun, TrainSteps } from './train.flow.ts'

export type TrainDependencies = {
  readonly sql: Pool
  readonly pool: TrainingPool
  readonly tracking: Tracking
}

export function trainSteps(dependencies: TrainDependencies): TrainSteps {
  return {
    fit: async (parameters) => {
      const model = await fitted(dependencies, parameters)
      await countTrained(dependencies.sql, tellingRunId(parameters.day))
      return model
    },
    startRun: (parameters, modelId) => startRun(dependencies, parameters, modelId),
    track: async (parameters, modelId, run) => {
      const told = await toldOf(dependencies.sql, parameters, { modelId, at: run.startedAt })
      await dependencies.tracking.log(run.runId, told)
      for (const { path, body } of told.artifacts) await dependencies.tracking.saveArtifact(run, path, body)
    },
    register: async ({ pair }, modelId, { runId, artifactUri }) => {
      const { sql, tracking } = dependencies
      const version = await tracking.registerVersion({
        name: `pairs_trading_gru_garch_${pair}`,
        source: `${artifactUri}/model`,
        runId,
      })
      await tracking.finishRun(runId, epochMs(Date.now()))
      await markTracked(sql, modelId, { runId, version })
    },
  }
}

async function fitted({ sql, pool }: TrainDependencies, parameters: TrainParameters): Promise<string | undefined> {
  const { day, screenId } = parameters
  const shortlisted = await shortlistedPair(sql, parameters)
  const prepared = prepareTraining(await trainingInput(sql, parameters, shortlisted))
  if (!prepared.ok) {
    await saveLog(sql, {
      runId: DBOS.workflowID ?? trainRunId(parameters),
      step: 'fit',
      level: 'warn',
      message: notTrainable(parameters, prepared.why),
    })
    return undefined
  }
  const signal = DBOS.stepStatus?.cancelSignal
  const trained = await pool.train(prepared.value.job, signal ? { signal } : {})
  const { signals, exchange } = day.rules
  const model = assemblePairModel(prepared.value.context, trained, {
    ...signals,
    costBps: exchange.halfSpreadBps + exchange.slippageBps,
  })
  // A pair that is trained by itself has no book yet.
  if (kindOf(day.book) === 'backtest') await openBookOfDay(sql, day)
  const verdict = promotion(model.scores, day.rules.promotion)
  const { book } = day
  const modelId = await saveModel(sql, { book, day: day.day, screenId, model, promotion: verdict })
  const detail = { pair: parameters.pair, isPromoted: verdict.isPromoted }
  const runId = DBOS.workflowID ?? trainRunId(parameters)
  await saveResult(sql, runId, { kind: 'model', reference: modelId, book, day: day.day, detail })
  return modelId
}

async function shortlistedPair(sql: Pool, { screenId, pair }: TrainParameters): Promise<ShortlistedPair> {
  const found = (await loadShortlist(sql, screenId)).find(({ name }) => name === pair)
  if (found === undefined) throw new RangeError(`screen ${screenId} did not shortlist ${pair}`)
  return found
}

async function trainingInput(
  sql: Pool,
  { day, maximumEpochs }: TrainParameters,
  { pair, alpha, beta, halfLifeBars }: ShortlistedPair,
) {
  const { range, clock } = lookbackOf(day)
  const bars = await barsBetween(sql, [pair.y, pair.x], range)
  const closes = [pair.y, pair.x].map((symbol) => {
    const columns = bars.get(symbol)
    if (columns === undefined) throw new RangeError(`no bars of ${symbol} are stored`)
    return alignOnClock(columns, clock, { carryBars: day.rules.pairs.carryBars })
  })
  const [y, x] = closes
  if (y === undefined || x === undefined) throw new RangeError('a pair has two legs')
  const { feed, timeframe } = range
  const rules = { ...day.rules.model, maximumEpochs }
  return { pair, hedge: { alpha, beta }, halfLifeBars, openedAt: clock, y, x, feed, timeframe, rules, seed: day.seed }
}

function notTrainable({ pair }: TrainParameters, why: NotTrainable): string {
  switch (why.kind) {
    case 'too-few-windows':
      return `${pair} has ${why.windows} windows without a gap, and training needs ${why.needed}`
    case 'constant-spread':
      return `The spread of ${pair} does not move`
    case 'one-class':
      return `The spread of ${pair} moves to one side only`
    default:
      return why satisfies never
  }
}

async function startRun({ sql, tracking }: TrainDependencies, parameters: TrainParameters, modelId: string): Promise<OpenRun> {
  const startedAt = epochMs(Date.now())
  const { tags } = await toldOf(sql, parameters, { modelId, at: startedAt })
  const [sector, ...others] = parameters.day.sectors
  const experimentId = await tracking.experimentNamed(
    `pairs_trading/${sector === undefined || others.length > 0 ? 'all' : sector}`,
  )
  const { runId, artifactUri } = await tracking.startRun({
    experimentId,
    name: `GRU_Training_${parameters.pair}`,
    startedAt,
    tags,
  })
  return { runId, artifactUri, startedAt }
}

async function toldOf(
  sql: Pool,
  { day }: TrainParameters,
  { modelId, at }: { modelId: string; at: EpochMs },
): Promise<TrackedModel> {
  const stored = await modelWithId(sql, modelId)
  if (stored === undefined) throw new RangeError(`model ${modelId} is not stored`)
  return trackedModel(stored.model, { book: day.book, day: day.day, contentHash: stored.contentHash, at })
}
