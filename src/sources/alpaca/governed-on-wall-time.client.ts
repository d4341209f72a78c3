import type { Governed } from './governed.client.ts'
import { createRateGovernor } from './rate-governor.ts'
import { WALL_TIMER } from './wall-timer.client.ts'

/** What an account's requests go through in real time: `requestsPerMinute` is its limit, undefined: only answers tell it. */
export function governedOnWallTime(requestsPerMinute: number | undefined): Governed {
  return { governor: createRateGovernor(WALL_TIMER, requestsPerMinute), timer: WALL_TIMER, random: Math.random }
}
