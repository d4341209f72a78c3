/**
 * The steps under way in this process, of all runs. A process that drains lets none begin: a run stays where it is between two
 * steps, and the process that goes on with it begins the next one.
 */
export type StepsHere = {
  /** Resolves at once; never while the process drains. */
  readonly mayBegin: () => Promise<void>
  /** Counts `step` until it settles. */
  readonly count: <T>(step: Promise<T>) => Promise<T>
  /** Lets no step begin, and resolves when those under way have ended. */
  readonly drained: () => Promise<void>
  /** Lets steps begin again. */
  readonly open: () => void
}

export function stepsHere(): StepsHere {
  const underWay = new Set<Promise<unknown>>()
  let isDraining = false
  return {
    mayBegin: () => (isDraining ? new Promise<never>(() => {}) : Promise.resolve()),
    count: (step) => {
      underWay.add(step)
      return step.finally(() => underWay.delete(step))
    },
    drained: async () => {
      isDraining = true
      await Promise.allSettled(underWay)
    },
    open: () => {
      isDraining = false
    },
  }
}

/** One for a process, as the engine is. */
export const STEPS_HERE = stepsHere()
