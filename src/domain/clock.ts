import type { EpochMs } from './units.ts'

/**
 * Time as something that is handed in. On wall time it is the machine's clock, in a durable flow the engine's, in a
 * rehearsal the exchange's: at full speed the exchange moves on only when every consumer has asked to.
 */
export interface Clock {
  now(): Promise<EpochMs>
  /**
   * Resolves when the clock has reached `at`, with the instant that it then shows; at once if `at` has passed.
   * On a replayed market, everything that happened up to that instant has been delivered when it resolves.
   */
  sleepUntil(at: EpochMs): Promise<EpochMs>
}
