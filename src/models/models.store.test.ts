import { afterAll, describe, expect, test } from 'vitest'
import { rehearsalBook } from '#domain/book.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs } from '#domain/units.ts'
import { parameterCount } from '#network/shape.ts'
import { measured, undefinedBecause } from '#statistics/measure.ts'
import { freshDatabase } from '../../test/database.ts'
import { type ModelToSave, markPromoted, markTracked, modelId, modelsFor, modelWithId, saveModel } from './models.store.ts'
import type { PairModel } from './pair-model.ts'

const database = await freshDatabase()
afterAll(() => database.close())
const { pool } = database

const BOOK = rehearsalBook('7')
const DAY = '2018-03-28' as SessionDate
const shape = { inputs: 2, sequence: 3, hidden: [4, 3], dropout: 0.1 }
const model: PairModel = {
  pair: { y: 'XOM' as Symbol_, x: 'CVX' as Symbol_ },
  hedge: { alpha: 0.1, beta: 0.9 },
  spreadMean: 1e-5,
  spreadDeviation: 0.01,
  halfLifeBars: 12.5,
  variance: { kind: 'garch', parameters: { mu: 0, omega: 1e-9, alpha: 0.1, beta: 0.8, initialVariance: 1e-7 } },
  scaler: { mean: [0, 1], deviation: [1, 2] },
  shape,
  weights: Float32Array.from({ length: parameterCount(shape) }, (_, i) => Math.fround(i / 7)),
  scores: {
    testWindows: 40,
    f1: measured(0.6),
    auc: undefinedBecause('one-class'),
    accuracy: measured(0.5),
    precision: measured(0.5),
    recall: measured(0.7),
    logLoss: measured(0.7),
    alwaysRevert: { f1: measured(0.66), accuracy: measured(0.5) },
    sharpe: undefinedBecause('no-variation'),
    trades: 0,
  },
  training: {
    trainLoss: [0.7, 0.6],
    validationLoss: [0.7, 0.65],
    bestEpoch: 1,
    stoppedBecause: 'maximum-epochs',
    trainWindows: 100,
    validationWindows: 30,
  },
  trainedOn: { feed: 'import', timeframe: '1m', from: epochMs(1.5e12), until: epochMs(1.6e12), rows: 170, dataHash: 'ab' },
  seed: 7,
  kernel: 'simd',
}
const SAVED: ModelToSave = {
  book: BOOK,
  day: DAY,
  screenId: 'screen-1',
  model,
  promotion: { isPromoted: false, reasons: ['F1 is low'] },
}

await pool.query(`insert into spreadworks.books (book, kind, parameters, state) values ($1, 'rehearsal', '{}', 'open')`, [BOOK])
await pool.query(
  `insert into spreadworks.screens (id, book, day, feed, timeframe, from_at, until_at, data_hash, rules,
     symbols_offered, symbols_complete, tested, correlated, cointegrated, shortlisted)
   values ('screen-1', $1, $2, 'import', '1m', now(), now(), 'ab', '{}', 2, 2, 1, 1, 1, 1)`,
  [BOOK, DAY],
)

const trainedAt = async () =>
  (await pool.query<{ trained_at: Date }>('select trained_at from spreadworks.pair_models')).rows.map((row) =>
    row.trained_at.getTime(),
  )

describe('stored models', () => {
  test('come back whole, under an id that anyone can derive', async () => {
    const id = await saveModel(pool, SAVED)
    expect(id).toBe(modelId({ book: BOOK, day: DAY, pair: 'XOM-CVX' }))
    const [stored] = await modelsFor(pool, BOOK, DAY)
    expect(stored).toMatchObject({ id, pairName: 'XOM-CVX', isPromoted: false, gateReasons: ['F1 is low'] })
    expect(stored.model).toEqual(model)
    expect(await modelWithId(pool, id)).toEqual(stored)
    expect(await modelWithId(pool, 'model-of-nobody')).toBeUndefined()
    expect(await modelsFor(pool, BOOK, '2018-03-29' as SessionDate)).toEqual([])
  })

  test('saving the same model again changes nothing; another one takes its place', async () => {
    await saveModel(pool, SAVED)
    const before = await trainedAt()
    await saveModel(pool, SAVED)
    expect(await trainedAt()).toEqual(before)
    const other = { ...model, spreadMean: 2e-5 }
    await saveModel(pool, { ...SAVED, model: other })
    const stored = await modelsFor(pool, BOOK, DAY)
    expect(stored.map((one) => one.model.spreadMean)).toEqual([2e-5])
  })

  test('keep what the gate and the tracking server said', async () => {
    const id = await saveModel(pool, SAVED)
    await markPromoted(pool, id, { isPromoted: true, reasons: [] })
    await markTracked(pool, id, { runId: 'run-1', version: '3' })
    expect(await modelWithId(pool, id)).toMatchObject({ isPromoted: true, gateReasons: [] })
    const { rows } = await pool.query('select run_id, version from spreadworks.pair_models where id = $1', [id])
    expect(rows).toEqual([{ run_id: 'run-1', version: '3' }])
  })
})
