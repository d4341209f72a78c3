import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { randomStream } from '#domain/random.ts'
import { loadCorrelationKernel } from './correlation-kernel.file.ts'
import { openCorrelationPool } from './correlation-pool.worker.ts'
import { correlateColumns } from './correlation-work.ts'
import type { Correlations } from './correlations.ts'

const kernel = await loadCorrelationKernel('auto')
const pool = openCorrelationPool({ threads: 2, kernel })
afterAll(() => pool.close())

function columnsWithGaps(count: number, rows: number): Float64Array[] {
  const { normal, uniform } = randomStream(count, 'pool')
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: rows }, () => (i === 5 ? 1 : uniform() < 0.03 ? Number.NaN : normal())),
  )
}

function bytesOf({ coefficients, observations }: Correlations): string {
  return Buffer.concat([Buffer.from(coefficients.buffer), Buffer.from(observations.buffer)]).toString('base64')
}

test('any number of threads finds the same bytes, call after call, whatever the size', async () => {
  const three = openCorrelationPool({ threads: 3, kernel })
  const sizes = [130, 60, 1, 0]
  const given = sizes.map((count) => columnsWithGaps(count, 80))
  const alone = given.map((columns) => bytesOf(correlateColumns(columns, kernel)))
  for (const threads of [pool, three]) {
    const found = await Promise.all(given.map((columns) => threads.correlate(columns)))
    expect(found.map(bytesOf)).toEqual(alone)
  }
  await three.close()
})

test('a thread that finds nothing left to centre waits for the one that is still at it', async () => {
  // One thread takes all of these, and the other would be at their only block long before.
  const long = Array.from({ length: 8 }, (_, i) => Float64Array.from({ length: 30_000 }, (_, t) => (t * (i + 7)) % 1009))
  expect(bytesOf(await pool.correlate(long))).toBe(bytesOf(correlateColumns(long, kernel)))
})

test('columns of different lengths are refused, and the pool goes on', async () => {
  const uneven = [new Float64Array(3), new Float64Array(4)]
  await expect(pool.correlate(uneven)).rejects.toThrow('columns of one length are needed, got 3 and 4 rows')
  const { coefficients } = await pool.correlate([Float64Array.of(1, 2), Float64Array.of(2, 1)])
  expect(coefficients[1]).toBeCloseTo(-1, 14)
})

test('a thread that dies of the work, and a pool that was closed, are told by their codes', async () => {
  const noKernel = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  const broken = openCorrelationPool({ threads: 2, kernel: { kind: 'simd', module: noKernel } })
  const columns = columnsWithGaps(60, 10)
  await expect(broken.correlate(columns)).rejects.toMatchObject({ code: 'CORRELATION_THREAD_LOST' })
  const begun = broken.correlate(columns)
  await broken.close()
  await expect(begun).rejects.toMatchObject({ code: 'CORRELATION_POOL_CLOSED' })
})

test('idle threads do not keep a process alive', async () => {
  const program = `
    const correlate = async () => {
      const { loadCorrelationKernel } = await import('#statistics/correlation-kernel.file.ts')
      const { openCorrelationPool } = await import('#statistics/correlation-pool.worker.ts')
      const pool = openCorrelationPool({ threads: 2, kernel: await loadCorrelationKernel('auto') })
      const { coefficients } = await pool.correlate([Float64Array.of(1, 2, 4), Float64Array.of(2, 4, 8)])
      process.stdout.write(String(coefficients))
    }
    correlate()`
  const run = promisify(execFile)(process.execPath, ['--eval', program], { timeout: 20_000 })
  expect((await run).stdout).toBe('1,1,1')
})
