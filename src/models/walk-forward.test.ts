import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { balancedWeights } from './class-balance.ts'
import { splitByTime } from './training-split.ts'
import { gapBetweenParts, type WalkForwardRules, walkForward } from './walk-forward.ts'

const hundredths = (min: number, max: number) => fc.integer({ min, max }).map((of) => of / 100)
const rules: fc.Arbitrary<WalkForwardRules> = fc.record({
  kind: fc.constantFrom('expanding', 'rolling'),
  folds: fc.integer({ min: 1, max: 6 }),
  firstFraction: hundredths(20, 70),
  validationFraction: hundredths(10, 50),
  untouchedFraction: hundredths(5, 30),
  sequenceBars: fc.integer({ min: 1, max: 12 }),
  labelHorizonBars: fc.integer({ min: 1, max: 5 }),
  embargoBars: fc.integer({ min: 0, max: 10 }),
})
/** Ascending rows with gaps here and there. */
const ends = fc
  .array(
    fc.integer({ min: 1, max: 40 }).map((step) => (step > 37 ? step : 1)),
    { minLength: 400, maxLength: 600 },
  )
  .map((steps) => {
    let row = 0
    return Int32Array.from(steps, (step) => {
      row += step
      return row
    })
  })

type Cut = { readonly from: number; readonly until: number }
/** Rows that a part's windows and labels reach over. */
const reachOf = (part: Int32Array, { sequenceBars, labelHorizonBars }: WalkForwardRules): Cut => ({
  from: part[0] - sequenceBars + 1,
  until: part[part.length - 1] + labelHorizonBars,
})

describe('a walk forward', () => {
  test('leaves the embargo between all that one part reaches over and all that the next does', () => {
    let cut = 0
    fc.assert(
      fc.property(ends, rules, (rows, rule) => {
        const outcome = walkForward(rows, rule)
        if (!outcome.ok) return
        const { folds, untouchedEnds } = outcome.value
        for (const [i, { trainEnds, validationEnds, testEnds }] of folds.entries()) {
          cut++
          const parts = [trainEnds, validationEnds, testEnds, ...(i === folds.length - 1 ? [untouchedEnds] : [])]
          const reaches = parts.map((part) => reachOf(part, rule))
          const distances = reaches.slice(1).map(({ from }, at) => from - reaches[at].until)
          expect(Math.min(...distances)).toBeGreaterThan(rule.embargoBars)
        }
      }),
      { numRuns: 60 },
    )
    expect(cut).toBeGreaterThan(60)
  })

  test('tests each window before the untouched part once, in order, and purges no more than it must', () => {
    fc.assert(
      fc.property(ends, rules, (rows, rule) => {
        const outcome = walkForward(rows, rule)
        if (!outcome.ok) return
        const { folds, untouchedEnds } = outcome.value
        const seen = rows.length - untouchedEnds.length
        const first = Math.floor(seen * rule.firstFraction)
        const tested = folds.flatMap(({ testEnds }) => [...testEnds])
        expect(tested).toEqual([...rows.subarray(first, first + tested.length)])
        // The first window that was purged would have come too near.
        expect(rows[first + tested.length] + gapBetweenParts(rule)).toBeGreaterThanOrEqual(untouchedEnds[0])
        for (const { trainEnds, validationEnds } of folds) {
          const next = rows[rows.indexOf(trainEnds[trainEnds.length - 1]) + 1]
          expect(next === validationEnds[0] || next + gapBetweenParts(rule) >= validationEnds[0]).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('expands from the first window, or rolls with as many as the first fold had', () => {
    const rows = Int32Array.from({ length: 400 }, (_, t) => t)
    const rule = {
      folds: 3,
      firstFraction: 0.5,
      validationFraction: 0.2,
      untouchedFraction: 0.1,
      sequenceBars: 5,
      labelHorizonBars: 1,
      embargoBars: 0,
    }
    const begins = (kind: WalkForwardRules['kind']) => {
      const outcome = walkForward(rows, { kind, ...rule })
      if (!outcome.ok) throw new Error(outcome.why.kind)
      return outcome.value.folds.map(({ trainEnds, validationEnds, testEnds }) => [trainEnds[0], validationEnds[0], testEnds[0]])
    }
    expect(begins('expanding')).toEqual([
      [0, 144, 180],
      [0, 192, 240],
      [0, 240, 300],
    ])
    expect(begins('rolling')).toEqual([
      [0, 144, 180],
      [60, 204, 240],
      [120, 264, 300],
    ])
  })

  test('keeps what present trainings keep: their one split is a walk of one fold whose later parts give way instead', () => {
    const rows = Int32Array.from({ length: 1000 }, (_, t) => t)
    const present = splitByTime(rows, { trainFraction: 0.7, validationFraction: 0.15, gapBars: 10 })
    const forward = walkForward(rows, {
      kind: 'expanding',
      folds: 1,
      firstFraction: 0.85,
      validationFraction: 0.15 / 0.85,
      untouchedFraction: 0,
      sequenceBars: 10,
      labelHorizonBars: 1,
      embargoBars: 0,
    })
    if (!forward.ok) throw new Error(forward.why.kind)
    const [{ trainEnds, validationEnds, testEnds }] = forward.value.folds
    expect([trainEnds[0], validationEnds[0], testEnds[0], testEnds.at(-1)]).toEqual([0, 700, 850, 999])
    expect(validationEnds[0] - (trainEnds.at(-1) ?? 0)).toBe(present.validationEnds[0] - (present.trainEnds.at(-1) ?? 0))
  })

  test('refuses what leaves a part without windows, and rules that are none', () => {
    const rule = {
      kind: 'expanding',
      folds: 2,
      firstFraction: 0.5,
      validationFraction: 0.2,
      untouchedFraction: 0.1,
      sequenceBars: 10,
      labelHorizonBars: 1,
      embargoBars: 0,
    } as const
    const rows = Int32Array.from({ length: 30 }, (_, t) => t)
    expect(walkForward(rows, rule)).toEqual({ ok: false, why: { kind: 'too-few-windows', windows: 30, fold: 0 } })
    expect(() => walkForward(rows, { ...rule, folds: 0 })).toThrow(RangeError)
    expect(() => walkForward(rows, { ...rule, firstFraction: 1 })).toThrow(RangeError)
  })
})

test('balanced weights make both classes count alike and leave the sum as it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ min: 0, max: 1, minLength: 1, maxLength: 60 }), (labels) => {
      const outcome = balancedWeights(labels)
      const positives = labels.filter((label) => label === 1).length
      expect(outcome.ok).toBe(positives > 0 && positives < labels.length)
      if (!outcome.ok) return
      const { negative, positive } = outcome.value
      expect(positive * positives).toBeCloseTo(negative * (labels.length - positives), 9)
      expect(positive * positives + negative * (labels.length - positives)).toBeCloseTo(labels.length, 9)
    }),
  )
})
