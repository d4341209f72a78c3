import { describe, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { loadKernel } from './kernel.file.ts'
import { type TrainingJob, train } from './training.ts'
import { openTrainingPool } from './training-pool.worker.ts'

const { kernel } = await loadKernel('auto')

function job(seed: number, changes: Partial<TrainingJob> = {}): TrainingJob {
  const random = randomStream(seed, 'pool')
  const ends = (from: number, until: number) => Int32Array.from({ length: until - from }, (_, i) => from + i)
  return {
    shape: { inputs: 3, sequence: 3, hidden: [6, 4], dropout: 0.2 },
    frame: Float32Array.from({ length: 300 }, random.normal),
    labels: Uint8Array.from({ length: 100 }, () => random.below(2)),
    trainEnds: ends(2, 60),
    validationEnds: ends(63, 80),
    testEnds: ends(83, 100),
    learningRate: 0.01,
    batchWindows: 16,
    maximumEpochs: 4,
    patienceEpochs: 4,
    seed,
    ...changes,
  }
}

/** A network for which no memory is large enough: the thread that tries dies of it. */
const IMPOSSIBLE = job(1, { shape: { inputs: 3, sequence: 3, hidden: [60_000], dropout: 0 } })
/** Without end, until it is told to stop. */
const endless = (seed: number) => job(seed, { maximumEpochs: 1_000_000_000, patienceEpochs: 1_000_000_000 })

describe('a training pool', () => {
  test('gives what training at home gives, byte for byte, with one thread and with two', async () => {
    const jobs = [1, 2, 3].map((seed) => job(seed))
    const atHome = jobs.map((one) => train(one, kernel))
    for (const threads of [1, 2]) {
      const pool = openTrainingPool({ threads, kernel })
      const epochs: number[] = []
      const trained = await Promise.all(jobs.map((one) => pool.train(one, { onEpoch: (epoch) => epochs.push(epoch) })))
      await pool.close()
      expect(trained).toEqual(atHome)
      expect(epochs.length).toBe(12)
    }
  })

  test('rejects the job that kills its thread, and goes on with the next', async () => {
    const pool = openTrainingPool({ threads: 1, kernel })
    const [killer, next] = await Promise.allSettled([pool.train(IMPOSSIBLE), pool.train(job(2))])
    await pool.close()
    expect(killer).toMatchObject({ status: 'rejected', reason: { code: 'TRAINING_THREAD_LOST' } })
    expect(next).toMatchObject({ status: 'fulfilled', value: train(job(2), kernel) })
  })

  test('stops a running job and drops a waiting one when their signals say so', async () => {
    const pool = openTrainingPool({ threads: 1, kernel })
    const [running, waiting] = [new AbortController(), new AbortController()]
    const begun = Promise.withResolvers<void>()
    const outcomes = Promise.allSettled([
      pool.train(endless(1), { signal: running.signal, onEpoch: () => begun.resolve() }),
      pool.train(endless(2), { signal: waiting.signal }),
      pool.train(job(3)),
    ])
    await begun.promise
    waiting.abort(new Error('no longer wanted'))
    running.abort(new Error('enough'))
    const [first, second, third] = await outcomes
    await pool.close()
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    expect(second).toMatchObject({ status: 'rejected', reason: { message: 'no longer wanted' } })
    expect(third).toMatchObject({ status: 'fulfilled' })
  })

  test('rejects what is unfinished when it is closed, and whatever comes after', async () => {
    const pool = openTrainingPool({ threads: 1, kernel })
    const unfinished = Promise.allSettled([pool.train(endless(1)), pool.train(job(2))])
    await pool.close()
    const closed = { status: 'rejected', reason: { code: 'TRAINING_POOL_CLOSED' } }
    expect(await unfinished).toMatchObject([closed, closed])
    await expect(pool.train(job(3))).rejects.toMatchObject({ code: 'TRAINING_POOL_CLOSED' })
  })
})
