import { describe, expect, test } from 'vitest'
import { DAY_MS, epochMs } from '#domain/units.ts'
import { ANN, better, model, RULES, scores } from './example-registry.ts'
import { EMPTY_LIFE, type RegisteredModel, type RegistryEvent, type RegistryLife } from './registry-events.ts'
import { next } from './registry-life.ts'
import { standingAt } from './registry-standing.ts'

/** An event without its instant. */
type Happening = RegistryEvent extends infer E
  ? E extends RegistryEvent
    ? Omit<E, 'at'> & { readonly at?: number }
    : never
  : never

/** The life and the decisions after events of ascending instants: a millisecond apart unless they say when. */
function lived(...events: readonly Happening[]) {
  const placed = events.map((event, i) => ({ ...event, at: epochMs(event.at ?? i) })) as RegistryEvent[]
  const decisions: ReturnType<typeof next>['decision'][] = []
  const life = placed.reduce((before: RegistryLife, event) => {
    const { life: after, decision } = next(before, event, RULES)
    decisions.push(decision)
    return after
  }, EMPTY_LIFE)
  return { life, decisions, events: placed }
}
const register = (version: number, changes: Partial<RegisteredModel> = {}) =>
  ({ kind: 'registered', model: model(version, changes) }) as const
const shadow = (version: number, comparison?: typeof better) => ({ kind: 'shadowed', version, comparison }) as const
const drift = (version: number, ...findings: string[]) => ({ kind: 'drift-checked', version, findings }) as const

describe('the life of a pair’s models', () => {
  test('a first model takes production when it passes, a better one takes it from it, and each decision says why', () => {
    const { life, decisions } = lived(register(1), shadow(1), register(2), shadow(2, better))
    expect(decisions.map(({ kind }) => kind)).toEqual(['registered', 'promoted', 'registered', 'promoted'])
    expect(decisions.map(({ reason }) => reason)).toEqual([
      'staged to run in shadow',
      'F1 0.750, Sharpe ratio 1.500; nothing was in production',
      'staged to run in shadow',
      'F1 0.800, Sharpe ratio 2.000; the champion’s 0.750 and 1.500'.replace('’', "'"),
    ])
    expect([life.production?.version, life.archived.map(({ version }) => version), life.formerly]).toEqual([2, [1], [1]])
  })

  test('a drifted champion gives way to the latest former one that is fit, and stays to manage exits where none is', () => {
    const begun = [register(1), shadow(1), register(2), shadow(2, better)] as const
    const back = lived(...begun, drift(2, 'rsi_14 moved'))
    expect(back.decisions.at(-1)).toEqual({ kind: 'rolled-back', by: { kind: 'rules' }, reason: 'to version 1: rsi_14 moved' })
    expect(back.life.production?.version).toBe(1)
    const stuck = lived(...begun, drift(1, 'spread broke'), drift(2, 'rsi_14 moved'))
    expect(stuck.decisions.at(-1)).toMatchObject({ kind: 'kept', reason: 'rsi_14 moved; no former model is fit to go back to' })
    expect(standingAt(stuck.life, epochMs(9), RULES)).toEqual({
      kind: 'exits-only',
      version: 2,
      why: 'drifted',
      reason: 'rsi_14 moved',
    })
    const again = lived(...begun, drift(1, 'spread broke'), drift(2, 'rsi_14 moved'), drift(2))
    expect(standingAt(again.life, epochMs(9), RULES)).toEqual({ kind: 'opens', version: 2 })
  })

  test('people promote past the gates, roll back and archive, under their names, but never an unconverged model', () => {
    const weak = { scores: scores(0.1, -1) }
    const { decisions, life } = lived(
      register(1, weak),
      shadow(1),
      { kind: 'promotion-ordered', version: 1, by: ANN },
      register(2, { isConverged: false }),
      { kind: 'promotion-ordered', version: 2, by: ANN },
      register(3),
      { kind: 'promotion-ordered', version: 3, by: ANN },
      { kind: 'rollback-ordered', by: ANN },
      { kind: 'rollback-ordered', by: ANN },
      { kind: 'archival-ordered', version: 1, by: ANN },
    )
    const told = [
      'registered',
      'kept',
      'promoted',
      'registered',
      'refused',
      'registered',
      'promoted',
      'rolled-back',
      'refused',
      'archived',
    ]
    expect(decisions.map(({ kind }) => kind)).toEqual(told)
    expect(decisions[2]).toEqual({ kind: 'promoted', by: ANN, reason: 'we know better' })
    expect(life.production).toBeUndefined()
    expect(standingAt(life, epochMs(20), RULES)).toMatchObject({ kind: 'exits-only', why: 'missing' })
  })

  test('nothing opens with a model that is missing, stale, drifted or unconverged', () => {
    const { life } = lived(register(1), shadow(1))
    expect(standingAt(EMPTY_LIFE, epochMs(0), RULES)).toMatchObject({ kind: 'exits-only', why: 'missing', version: undefined })
    expect(standingAt(life, epochMs(7 * DAY_MS), RULES)).toEqual({ kind: 'opens', version: 1 })
    expect(standingAt(life, epochMs(8 * DAY_MS), RULES)).toEqual({
      kind: 'exits-only',
      version: 1,
      why: 'stale',
      reason: 'it was trained 8.0 days ago; at most 7.0 are allowed',
    })
    const unconverged = { ...life, production: { ...model(1, { isConverged: false }), driftedBecause: undefined } }
    expect(standingAt(unconverged, epochMs(0), RULES)).toMatchObject({ why: 'unconverged' })
    const kept = lived(register(1, { isConverged: false }), shadow(1))
    expect(kept.decisions[1]).toMatchObject({ kind: 'kept', reason: 'its variance model did not converge' })
  })

  test('an event older than the last is refused, and so are versions that nobody knows', () => {
    const { decisions } = lived(
      { ...register(1), at: 5 },
      { ...shadow(1), at: 4 },
      shadow(2),
      { ...drift(9), at: 6 },
      { ...register(1), at: 7 },
    )
    expect(decisions.map(({ kind }) => kind)).toEqual(['registered', 'refused', 'refused', 'refused', 'refused'])
  })
})
