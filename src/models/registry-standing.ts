import { DAY_MS, type EpochMs } from '#domain/units.ts'
import type { HeldModel, LifeRules, RegistryLife } from './registry-events.ts'

/** Why a pair's model opens nothing. */
export type ExitsOnly = 'missing' | 'unconverged' | 'drifted' | 'stale'

type Unfit = { readonly why: ExitsOnly; readonly reason: string }

/** What a pair's trading may do. Exits are managed whatever it says. */
export type Standing =
  | { readonly kind: 'opens'; readonly version: number }
  | { readonly kind: 'exits-only'; readonly version: number | undefined; readonly why: ExitsOnly; readonly reason: string }

/** Whether the model in production may open positions at `at`. */
export function standingAt({ production }: RegistryLife, at: EpochMs, rules: LifeRules): Standing {
  if (production === undefined)
    return { kind: 'exits-only', version: undefined, why: 'missing', reason: 'no model is in production' }
  const unfit = unfitBecause(production, at, rules)
  return unfit ? { kind: 'exits-only', version: production.version, ...unfit } : { kind: 'opens', version: production.version }
}

/** Why a model, in production or not, is not fit to open positions; undefined where it is. */
export function unfitBecause(model: HeldModel, at: EpochMs, { maximumAgeMs }: LifeRules): Unfit | undefined {
  if (!model.isConverged) return { why: 'unconverged', reason: 'its variance model did not converge' }
  if (model.driftedBecause !== undefined) return { why: 'drifted', reason: model.driftedBecause }
  const age = at - model.trainedUntil
  if (age <= maximumAgeMs) return undefined
  return { why: 'stale', reason: `it was trained ${days(age)} days ago; at most ${days(maximumAgeMs)} are allowed` }
}

function days(ms: number): string {
  return (ms / DAY_MS).toFixed(1)
}
