import { randomStream } from '#domain/random.ts'

/** How often a step is tried in all, and how long it rests in between: the first rest in milliseconds, each `factor` times the one before. */
export type Retries = {
  readonly attempts: number
  readonly firstMs: number
  readonly factor: number
  /** Which failures are worth another attempt; each, unless given. */
  readonly when?: (cause: unknown) => boolean
}

/** A step that is not tried again. */
export const ONCE: Retries = { attempts: 1, firstMs: 0, factor: 1 }

/** No rest is longer. */
const LONGEST_REST_MS = 3_600_000

/** The step of a run. */
export type StepOfRun = { readonly runId: string; readonly name: string }

/**
 * Milliseconds to rest after the failed attempt `attempt` (1 the first): half to one and a half of the plan's. The jitter follows
 * from run and step, so that a replay rests as long and runs that failed together do not try again together.
 */
export function restMs({ firstMs, factor }: Retries, { runId, name }: StepOfRun, attempt: number): number {
  const planned = Math.min(LONGEST_REST_MS, firstMs * factor ** (attempt - 1))
  return Math.round(planned * (0.5 + randomStream(0, runId, name, attempt).uniform()))
}

/** A question to another machine, which may be restarting or asked too much: again after about 2, 8 and 32 seconds. */
export const ASKED_OVER_NETWORK: Retries = { attempts: 4, firstMs: 2_000, factor: 4 }
