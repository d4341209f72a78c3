import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restMs } from './retries.ts'

const RETRIES = { attempts: 5, firstMs: 1_000, factor: 2 }

test('a rest lies between half and one and a half of what is planned, an hour at most, and is the same for the same attempt', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 60 }), (runId, name, attempt) => {
      const ms = restMs(RETRIES, { runId, name }, attempt)
      const planned = Math.min(3_600_000, 1_000 * 2 ** (attempt - 1))
      expect(ms).toBeGreaterThanOrEqual(planned / 2)
      expect(ms).toBeLessThanOrEqual(planned * 1.5)
      expect(restMs(RETRIES, { runId, name }, attempt)).toBe(ms)
    }),
  )
})

test('runs that failed together do not try again together', () => {
  const rests = Array.from({ length: 100 }, (_, i) => restMs(RETRIES, { runId: `train-${i}`, name: 'fit' }, 1))
  expect(new Set(rests).size).toBeGreaterThan(80)
  const [least, most] = [Math.min(...rests), Math.max(...rests)]
  expect([least < 600, most > 1_400]).toEqual([true, true])
})
