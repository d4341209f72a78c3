import type { Governed } from './governed.client.ts'
import { createRateGovernor } from './rate-governor.ts'
import { WALL_TIMER } from './wall-timer.client.ts'

/**
 * What an account's requests go through, by host. Alpaca counts those to the trading host and those to the data host apart, so
 * that an order never waits behind a page of bars.
 */
export type GovernedHosts = { readonly trading: Governed; readonly data: Governed }

/** What requests to one host go through in real time: `requestsPerMinute` is its limit, undefined: only answers tell it. */
export function governedOnWallTime(requestsPerMinute: number | undefined): Governed {
  return { governor: createRateGovernor(WALL_TIMER, requestsPerMinute), timer: WALL_TIMER, random: Math.random }
}

/** As `governedOnWallTime`, for each of an account's hosts. */
export function hostsOnWallTime(requestsPerMinute: number | undefined): GovernedHosts {
  return { trading: governedOnWallTime(requestsPerMinute), data: governedOnWallTime(requestsPerMinute) }
}
