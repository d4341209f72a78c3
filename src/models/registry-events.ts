import type { EpochMs } from '#domain/units.ts'
import type { GateScores, RegistryGates, ShadowComparison } from './registry-gates.ts'

/** A version of a pair's model, with what its right to trade depends on. */
export type RegisteredModel = {
  readonly version: number
  /** The bars that it was made from, sha256 in hexadecimal, and the instant of the last. */
  readonly dataHash: string
  readonly trainedUntil: EpochMs
  /** Whether its GARCH fit converged. */
  readonly isConverged: boolean
  /** On the untouched part. */
  readonly scores: GateScores
}

/** A version, and what was found of it since. */
export type HeldModel = RegisteredModel & { readonly driftedBecause: string | undefined }

/** Who decided: the rules, or a person by name, who says why. */
export type DecidedBy = { readonly kind: 'rules' } | { readonly kind: 'person'; readonly name: string; readonly why: string }
export type Person = Extract<DecidedBy, { kind: 'person' }>

/** What happens to a pair's models, in the order of `at`. */
export type RegistryEvent = { readonly at: EpochMs } & (
  | { readonly kind: 'registered'; readonly model: RegisteredModel }
  /** A challenger has run beside whatever is in production; no comparison where nothing is. */
  | { readonly kind: 'shadowed'; readonly version: number; readonly comparison: ShadowComparison | undefined }
  /** Drift of a version was looked at; empty where none was found. */
  | { readonly kind: 'drift-checked'; readonly version: number; readonly findings: readonly string[] }
  | { readonly kind: 'promotion-ordered'; readonly version: number; readonly by: Person }
  | { readonly kind: 'rollback-ordered'; readonly by: Person }
  | { readonly kind: 'archival-ordered'; readonly version: number; readonly by: Person }
)

/** Where a pair's versions are: each in one place, one at most in production. */
export type RegistryLife = {
  readonly production: HeldModel | undefined
  readonly staging: readonly HeldModel[]
  readonly archived: readonly HeldModel[]
  /** Versions that were in production before, the latest last: what a rollback goes back to. */
  readonly formerly: readonly number[]
  readonly lastAt: EpochMs | undefined
}

export type LifeRules = RegistryGates & {
  /** From a model's last training bar; older ones open nothing. */
  readonly maximumAgeMs: number
}

/** What came of an event. A refused one changes nothing. */
export type LifeDecision = {
  readonly kind: 'registered' | 'promoted' | 'kept' | 'rolled-back' | 'archived' | 'refused'
  readonly by: DecidedBy
  readonly reason: string
}

export const EMPTY_LIFE: RegistryLife = { production: undefined, staging: [], archived: [], formerly: [], lastAt: undefined }
