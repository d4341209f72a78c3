import { expect, test } from 'vitest'
import { epochMs } from '#domain/units.ts'
import { afterFailure, CLOSED_CIRCUIT, refusalAt } from './circuit.ts'

const HOUR_MS = 3_600_000

test('a source that fails for a day is asked a few dozen times, never twice within a minute', () => {
  let circuit = CLOSED_CIRCUIT
  const asked: number[] = []
  for (let now = 0; now < 24 * HOUR_MS; now += 1000) {
    if (refusalAt(circuit, epochMs(now))) continue
    asked.push(now)
    circuit = afterFailure(circuit, { now: epochMs(now), cause: 'HTTP 429', retryAfterMs: undefined })
  }
  const pauses = asked.slice(1).map((at, i) => at - asked[i])
  expect(pauses.slice(0, 7).map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60])
  expect(asked.length).toBeLessThan(32)
  expect(Math.max(...pauses)).toBe(HOUR_MS)
})

test('what a source says of itself is believed, and the pause after it is no shorter for that', () => {
  const told = afterFailure(CLOSED_CIRCUIT, { now: epochMs(0), cause: 'HTTP 429', retryAfterMs: 900_000 })
  expect(refusalAt(told, epochMs(899_999))).toEqual({ kind: 'unavailable', until: 900_000, cause: 'HTTP 429' })
  expect(refusalAt(told, epochMs(900_000))).toBeUndefined()
  expect(afterFailure(told, { now: epochMs(900_000), cause: 'again', retryAfterMs: undefined }).until).toBe(1_020_000)
})
