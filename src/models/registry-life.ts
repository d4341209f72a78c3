import type { EpochMs } from '#domain/units.ts'
import {
  type DecidedBy,
  EMPTY_LIFE,
  type HeldModel,
  type LifeDecision,
  type LifeRules,
  type RegisteredModel,
  type RegistryEvent,
  type RegistryLife,
} from './registry-events.ts'
import { judge } from './registry-gates.ts'
import { type Standing, standingAt, unfitBecause } from './registry-standing.ts'

type Turn = { readonly life: RegistryLife; readonly decision: LifeDecision }

const RULES = { kind: 'rules' } as const

/**
 * The life after an event and why. Rules promote a challenger that passes every gate, and take a drifted champion back to the
 * latest former one that is fit; where none is, it stays and opens nothing. People may promote, roll back and archive, past
 * the gates but never an unconverged model. An event older than the last one is refused.
 */
export function next(life: RegistryLife, event: RegistryEvent, rules: LifeRules): Turn {
  if (life.lastAt !== undefined && event.at < life.lastAt) return refused(life, 'it is older than what came before it')
  const { life: after, decision } = turn(life, event, rules)
  return decision.kind === 'refused' ? { life, decision } : { life: { ...after, lastAt: event.at }, decision }
}

function turn(life: RegistryLife, event: RegistryEvent, rules: LifeRules): Turn {
  switch (event.kind) {
    case 'registered':
      return registered(life, event.model)
    case 'shadowed':
      return shadowed(life, event, rules)
    case 'drift-checked':
      return driftChecked(life, event, rules)
    case 'promotion-ordered':
      return promotionOrdered(life, event)
    case 'rollback-ordered':
      return rolledBack(life, { by: event.by, reason: event.by.why, isFit: ({ isConverged }) => isConverged })
    case 'archival-ordered':
      return archivalOrdered(life, event)
    default:
      return event satisfies never
  }
}

function registered(life: RegistryLife, model: RegisteredModel): Turn {
  if (found(life, model.version)) return refused(life, `version ${model.version} is registered already`)
  const staging = [...life.staging, { ...model, driftedBecause: undefined }]
  return { life: { ...life, staging }, decision: { kind: 'registered', by: RULES, reason: 'staged to run in shadow' } }
}

type Shadowed = Extract<RegistryEvent, { kind: 'shadowed' }>

function shadowed(life: RegistryLife, { version, comparison, at }: Shadowed, rules: LifeRules): Turn {
  const challenger = life.staging.find((model) => model.version === version)
  if (challenger === undefined) return refused(life, `version ${version} is not in staging`)
  if ((comparison === undefined) !== (life.production === undefined)) {
    return refused(life, 'the comparison is not with what is in production')
  }
  const unfit = unfitBecause(challenger, at, rules)
  if (unfit) return { life, decision: { kind: 'kept', by: RULES, reason: unfit.reason } }
  const contest = comparison
    ? ({ kind: 'contested', ...comparison } as const)
    : ({ kind: 'vacant', scores: challenger.scores } as const)
  const { isPassed, reasons } = judge(contest, rules)
  const reason = reasons.join('; ')
  return isPassed ? promoted(life, challenger, { by: RULES, reason }) : { life, decision: { kind: 'kept', by: RULES, reason } }
}

type Checked = Extract<RegistryEvent, { kind: 'drift-checked' }>

function driftChecked(life: RegistryLife, { version, findings, at }: Checked, rules: LifeRules): Turn {
  if (!found(life, version)) return refused(life, `version ${version} is not registered`)
  const driftedBecause = findings.length === 0 ? undefined : findings.join('; ')
  const mark = (model: HeldModel) => (model.version === version ? { ...model, driftedBecause } : model)
  const { production, staging, archived } = life
  const marked = { ...life, production: production && mark(production), staging: staging.map(mark), archived: archived.map(mark) }
  const reason = driftedBecause ?? 'no drift was found'
  if (production?.version !== version || driftedBecause === undefined) {
    return { life: marked, decision: { kind: 'kept', by: RULES, reason } }
  }
  const back = rolledBack(marked, { by: RULES, reason, isFit: (model) => unfitBecause(model, at, rules) === undefined })
  if (back.decision.kind === 'rolled-back') return back
  return { life: marked, decision: { kind: 'kept', by: RULES, reason: `${reason}; ${back.decision.reason}` } }
}

function promotionOrdered(life: RegistryLife, { version, by }: Extract<RegistryEvent, { kind: 'promotion-ordered' }>): Turn {
  const model = [...life.staging, ...life.archived].find((known) => known.version === version)
  if (model === undefined) return refused(life, `version ${version} is neither in staging nor archived`, by)
  if (!model.isConverged) return refused(life, `the variance model of version ${version} did not converge`, by)
  return promoted(life, model, { by, reason: by.why })
}

function archivalOrdered(life: RegistryLife, { version, by }: Extract<RegistryEvent, { kind: 'archival-ordered' }>): Turn {
  const model = [...life.staging, ...(life.production ? [life.production] : [])].find((known) => known.version === version)
  if (model === undefined) return refused(life, `version ${version} is neither in staging nor in production`, by)
  const production = life.production === model ? undefined : life.production
  const after = { ...without(life, version), production, archived: [...life.archived, model] }
  return { life: after, decision: { kind: 'archived', by, reason: by.why } }
}

type Told = { readonly by: DecidedBy; readonly reason: string }

function promoted(life: RegistryLife, model: HeldModel, { by, reason }: Told): Turn {
  const { staging, archived } = without(life, model.version)
  const { production, formerly } = life
  const after = {
    ...life,
    production: model,
    staging,
    archived: production ? [...archived, production] : archived,
    formerly: production ? [...formerly.filter((version) => version !== production.version), production.version] : formerly,
  }
  return { life: after, decision: { kind: 'promoted', by, reason } }
}

/** Back to the latest former champion that is fit. What is left behind is archived and not gone back to. */
function rolledBack(life: RegistryLife, { by, reason, isFit }: Told & { readonly isFit: (model: HeldModel) => boolean }): Turn {
  const { production } = life
  if (production === undefined) return refused(life, 'nothing is in production', by)
  const at = life.formerly.findLastIndex((version) => {
    const model = found(life, version)
    return model !== undefined && model !== production && isFit(model)
  })
  const model = at < 0 ? undefined : found(life, life.formerly[at])
  if (model === undefined) return refused(life, 'no former model is fit to go back to', by)
  const { staging, archived } = without(life, model.version)
  const after = { ...life, production: model, staging, archived: [...archived, production], formerly: life.formerly.slice(0, at) }
  return { life: after, decision: { kind: 'rolled-back', by, reason: `to version ${model.version}: ${reason}` } }
}

/** The model in production at an instant, if there was one, with what it was trained on. */
export type Live = { readonly model: HeldModel | undefined; readonly standing: Standing }

/** Which model was live for the pair at `at`, what it was trained on, and whether it could open; from its events in order. */
export function liveAt(events: readonly RegistryEvent[], at: EpochMs, rules: LifeRules): Live {
  const life = events.filter((event) => event.at <= at).reduce((before, event) => next(before, event, rules).life, EMPTY_LIFE)
  return { model: life.production, standing: standingAt(life, at, rules) }
}

function found({ production, staging, archived }: RegistryLife, version: number): HeldModel | undefined {
  return [...(production ? [production] : []), ...staging, ...archived].find((model) => model.version === version)
}

function without({ staging, archived, ...life }: RegistryLife, version: number): RegistryLife {
  const others = (models: readonly HeldModel[]) => models.filter((model) => model.version !== version)
  return { ...life, staging: others(staging), archived: others(archived) }
}

function refused(life: RegistryLife, reason: string, by: DecidedBy = RULES): Turn {
  return { life, decision: { kind: 'refused', by, reason } }
}
