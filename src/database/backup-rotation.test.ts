import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backupsToRemove } from './backup-rotation.ts'

const KEPT = { newest: 7, weeks: 4, months: 12 }

function daily(from: string, days: number): string[] {
  const first = Temporal.PlainDate.from(from)
  return Array.from({ length: days }, (_, i) => `${first.add({ days: i })}T0200`)
}

test('after a year of nights there are the last seven, four weeks and twelve months', () => {
  const names = daily('2025-11-23', 366)
  const gone = new Set(backupsToRemove(names, KEPT))
  const kept = names.filter((name) => !gone.has(name))
  expect(kept.slice(-7)).toEqual(names.slice(-7))
  expect(kept).toHaveLength(7 + 3 + 12)
  expect(new Set(kept.map((name) => name.slice(0, 7))).size).toBe(12)
})

test('removing night by night leaves the same as removing once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (days) => {
      const names = daily('2024-01-01', days)
      let night: string[] = []
      for (const name of names) {
        night.push(name)
        const gone = new Set(backupsToRemove(night, KEPT))
        night = night.filter((one) => !gone.has(one))
      }
      const gone = new Set(backupsToRemove(names, KEPT))
      expect(night).toEqual(names.filter((name) => !gone.has(name)))
    }),
    { numRuns: 20 },
  )
})

test('a few are all kept, and none are none', () => {
  expect(backupsToRemove([], KEPT)).toEqual([])
  expect(backupsToRemove(daily('2026-01-01', 7), KEPT)).toEqual([])
})
