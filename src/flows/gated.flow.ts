import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { CATALOG, type Dependency } from './catalog.ts'
import type { DependencyVerdict } from './dependency-verdict.ts'
import type { FlowName } from './flow-names.ts'
import type { RunFacts } from './runs.ts'
import { step, stepSignal } from './step.flow.ts'

/** What a run needs of the runs that it depends on. */
export type RunTerms = {
  /** The day whose runs they are. */
  readonly day: SessionDate
  /** Further facts that they have, such as the book. */
  readonly facts: RunFacts
  /** When it is too late for this run to begin. */
  readonly inTimeUntil: EpochMs
}

/** What a run answers that ended without having done anything. */
export type Skipped = { readonly kind: 'skipped'; readonly reason: string }

export type DependencySteps = {
  /** Asks until the dependency is met or unmet, for a few seconds; `wait` when it is neither by then, or `signal` aborts. */
  readonly look: (dependency: Dependency, terms: RunTerms, signal: AbortSignal) => Promise<DependencyVerdict>
}

/**
 * A flow that first waits for what the catalog says it comes after. The wait survives the process: a run that is gone on with waits on. A
 * dependency that cannot be met in time ends the run as skipped, and `body` never begins.
 */
export const gated =
  <P, R>(
    steps: DependencySteps,
    { flow, termsOf }: { readonly flow: FlowName; readonly termsOf: (parameters: P) => RunTerms },
    body: (parameters: P) => Promise<R>,
  ) =>
  async (parameters: P): Promise<R | Skipped> => {
    const terms = termsOf(parameters)
    for (const dependency of CATALOG[flow].after) {
      const verdict = await awaited(steps, dependency, terms)
      if (verdict.kind === 'unmet') return { kind: 'skipped', reason: verdict.reason }
    }
    return body(parameters)
  }

async function awaited(steps: DependencySteps, dependency: Dependency, terms: RunTerms): Promise<DependencyVerdict> {
  for (;;) {
    const verdict = await step(`await-${dependency.flow}`, () => steps.look(dependency, terms, stepSignal()))
    if (verdict.kind !== 'wait') return verdict
  }
}

/** Whether a run's answer says that it was skipped. */
export function isSkipped(result: unknown): result is Skipped {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'skipped'
}
