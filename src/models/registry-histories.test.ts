import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY_MS, epochMs } from '#domain/units.ts'
import { ANN, model, RULES, scores } from './example-registry.ts'
import { EMPTY_LIFE, type RegistryEvent, type RegistryLife } from './registry-events.ts'
import { liveAt, next } from './registry-life.ts'
import { standingAt } from './registry-standing.ts'

const version = fc.integer({ min: 1, max: 4 })
// Doubles would be drawn by their bits, and most of them next to 0.
const score = fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100)
const gateScores = fc.tuple(score, score).map(([f1, sharpe]) => scores(0.5 + f1 / 2, 3 * sharpe, -0.02 - sharpe / 50))
const pValue = fc.constantFrom(0.01, 0.2, undefined)
const comparison = fc.record({ challenger: gateScores, champion: gateScores, f1PValue: pValue, sharpePValue: pValue })
const registering = fc
  .record({ version, isConverged: fc.constantFrom(true, true, false), scores: gateScores, days: fc.integer({ min: 0, max: 20 }) })
  .map(
    ({ days, ...rest }) =>
      ({ kind: 'registered', model: { ...model(1), ...rest, trainedUntil: epochMs(days * DAY_MS) } }) as const,
  )
const shadowing = fc.record({
  kind: fc.constant('shadowed' as const),
  version,
  comparison: fc.option(comparison, { nil: undefined, freq: 1 }),
})
const anyEvent = fc.oneof(
  { weight: 3, arbitrary: registering },
  { weight: 6, arbitrary: shadowing },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drift-checked' as const), version, findings: fc.constantFrom([], ['moved']) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('promotion-ordered' as const), version, by: fc.constant(ANN) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback-ordered' as const), by: fc.constant(ANN) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('archival-ordered' as const), version, by: fc.constant(ANN) }) },
)
/** An event a day at most; now and then one comes that is older than the last. */
const histories = fc
  .array(fc.tuple(anyEvent, fc.constantFrom(0, 0, 0, 1, -1)), { minLength: 10, maxLength: 50, size: 'max' })
  .map((steps) => {
    let day = 1
    return steps.map(([event, days]): RegistryEvent => {
      day += Math.max(0, days)
      return { ...event, at: epochMs((day + Math.min(0, days)) * DAY_MS) }
    })
  })

describe('whatever happens', () => {
  const everywhere = ({ production, staging, archived }: RegistryLife) =>
    [...(production ? [production] : []), ...staging, ...archived].map((held) => held.version)

  test('each version is in one place, none is lost, and a refused event changes nothing', () => {
    fc.assert(
      fc.property(histories, (events) => {
        let life = EMPTY_LIFE
        for (const event of events) {
          const { life: after, decision } = next(life, event, RULES)
          const versions = everywhere(after)
          expect(new Set(versions).size).toBe(versions.length)
          expect(versions.length).toBe(everywhere(life).length + Number(decision.kind === 'registered'))
          expect(decision.reason).not.toBe('')
          if (decision.kind === 'refused') expect(after).toBe(life)
          life = after
        }
      }),
    )
  })

  test('what the rules promote is fit, passed every gate, and was in staging; what they go back to is fit', () => {
    let moves = 0
    fc.assert(
      fc.property(histories, (events) => {
        let life = EMPTY_LIFE
        for (const event of events) {
          const { life: after, decision } = next(life, event, RULES)
          if (decision.by.kind === 'rules' && (decision.kind === 'promoted' || decision.kind === 'rolled-back')) {
            moves++
            const { production } = after
            expect(standingAt(after, event.at, RULES)).toEqual({ kind: 'opens', version: production?.version })
            if (event.kind === 'shadowed') {
              expect(life.staging.map((held) => held.version)).toContain(production?.version)
              const told = event.comparison?.challenger ?? production?.scores
              expect(told?.f1.kind === 'measured' && told.f1.value >= 0.7).toBe(true)
              expect(told?.sharpe.kind === 'measured' && told.sharpe.value >= 1).toBe(true)
            }
          }
          life = after
        }
      }),
      { numRuns: 200 },
    )
    expect(moves).toBeGreaterThan(20)
  })

  test('which model was live at an instant is what was in production then, whatever came later', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 12 }), (events, day) => {
        const at = epochMs(day * DAY_MS)
        // What came with an older instant than the one before it was refused, and counts for nothing.
        const before = events.filter((event) => event.at <= at)
        const life = before.reduce((known: RegistryLife, event) => next(known, event, RULES).life, EMPTY_LIFE)
        const live = liveAt(events, at, RULES)
        expect(live.model).toEqual(life.production)
        expect(live).toEqual(liveAt(before, at, RULES))
        expect(live.standing.kind === 'opens').toBe(live.model !== undefined && standingAt(life, at, RULES).kind === 'opens')
      }),
    )
  })

  test('a life that is stored and read again goes on as it would have', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const plain = events.reduce((life: RegistryLife, event) => next(life, event, RULES).life, EMPTY_LIFE)
        const stored = events.reduce((life: RegistryLife, event) => next(structuredClone(life), event, RULES).life, EMPTY_LIFE)
        expect(stored).toEqual(plain)
      }),
      { numRuns: 30 },
    )
  })
})
