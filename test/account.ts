import type { Pool } from 'pg'
import { PAPER } from '#domain/book.ts'
import type { Pair } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs } from '#domain/units.ts'
import { openBook } from '#flows/books.store.ts'
import { saveResult } from '#flows/flow-results.store.ts'
import type { DayParameters } from '#flows/rehearsal.ts'
import { rulesOf } from '#flows/rehearsal-plan.steps.ts'
import { saveModel } from '#models/models.store.ts'
import type { PairModel } from '#models/pair-model.ts'
import { layoutOf, type NetworkShape } from '#network/shape.ts'
import type { Settings } from '#settings/schema.ts'
import { measured, undefinedBecause } from '#statistics/measure.ts'

const SMALL: NetworkShape = { inputs: 10, sequence: 10, hidden: [4, 3], dropout: 0 }

type PaperDay = {
  readonly day: SessionDate
  readonly pairs: readonly Pair[]
  readonly settings: Settings
  /** Of every pair's network; a small one unless given. */
  readonly shape?: NetworkShape
}

/** A model of each pair, with weights that say nothing: 0.5 for a move back. */
async function storedPaperModels(pool: Pool, { day, pairs, shape = SMALL }: Omit<PaperDay, 'settings'>): Promise<void> {
  const book = PAPER
  const screenId = `screen-${book}-${day}`
  await pool.query(
    `insert into spreadworks.screens (id, book, day, feed, timeframe, from_at, until_at, data_hash, rules,
       symbols_offered, symbols_complete, tested, correlated, cointegrated, shortlisted)
     values ($1, $2, $3, 'iex', '1m', now(), now(), 'ab', '{}', 2, 2, 1, 1, 1, 1) on conflict do nothing`,
    [screenId, book, day],
  )
  const promotion = { isPromoted: true, reasons: [] }
  for (const pair of pairs) await saveModel(pool, { book, day, screenId, model: modelOf(pair, shape), promotion })
}

function modelOf(pair: Pair, shape: NetworkShape): PairModel {
  const even = (value: number) => Array(shape.inputs).fill(value)
  return {
    ...{ pair, hedge: { alpha: 0, beta: 1 }, spreadMean: 0, spreadDeviation: 0.01, halfLifeBars: 100 },
    variance: { kind: 'garch', parameters: { mu: 0, omega: 1e-7, alpha: 0.05, beta: 0.9, initialVariance: 2e-6 } },
    scaler: { mean: even(0), deviation: even(1) },
    shape,
    weights: new Float32Array(layoutOf(shape).count),
    scores: {
      ...{
        testWindows: 40,
        f1: measured(0.6),
        auc: undefinedBecause('one-class'),
        accuracy: measured(0.5),
        precision: measured(0.5),
      },
      ...{ recall: measured(0.7), logLoss: measured(0.7), alwaysRevert: { f1: measured(0.66), accuracy: measured(0.5) } },
      ...{ sharpe: undefinedBecause('no-variation'), trades: 0 },
    },
    training: {
      ...{ trainLoss: [0.7], validationLoss: [0.7], bestEpoch: 0, stoppedBecause: 'maximum-epochs' },
      ...{ trainWindows: 100, validationWindows: 30 },
    },
    trainedOn: { feed: 'iex', timeframe: '1m', from: epochMs(1.5e12), until: epochMs(1.6e12), rows: 170, dataHash: 'ab' },
    ...{ seed: 7, kernel: 'simd' },
  }
}

/** A paper day as start-of-day leaves it: the book is open, its models of `pairs` are promoted, and what was decided is kept. */
export async function paperDayReady(pool: Pool, { day, pairs, settings, shape = SMALL }: PaperDay): Promise<void> {
  const parameters: DayParameters = {
    ...{ book: PAPER, day, days: [day], symbols: pairs.flatMap(({ y, x }) => [y, x]), sectors: [] },
    ...{ feed: 'iex', speed: 'max', seed: 1, rules: rulesOf(settings) },
  }
  await openBook(pool, PAPER, { feed: 'iex', speed: 'max', parameters })
  await storedPaperModels(pool, { day, pairs, shape })
  await saveResult(pool, `start-of-day-${day}`, { kind: 'readiness', reference: day, book: PAPER, day, detail: { parameters } })
}
