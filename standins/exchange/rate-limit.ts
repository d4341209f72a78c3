/** What is left of a minute's requests, for the rate-limit headers. */
export type Allowance = {
  readonly limit: number
  readonly remaining: number
  /** Unix seconds at which the minute is over. */
  readonly resetSeconds: number
  readonly isExceeded: boolean
}

/** Told where there is no limit: a number that nobody meets. */
const UNLIMITED = 1_000_000

/**
 * Counts requests by host in minutes of the wall clock; `perMinute` undefined holds nothing back. Each call is a request at
 * `nowMs`, epoch ms, which only grows.
 */
export function createRateLimit(perMinute: number | undefined): (host: string, nowMs: number) => Allowance {
  const minutes = new Map<string, { readonly minute: number; used: number }>()
  const limit = perMinute ?? UNLIMITED
  return (host, nowMs) => {
    const minute = Math.floor(nowMs / 60_000)
    const known = minutes.get(host)
    const current = known?.minute === minute ? known : { minute, used: 0 }
    minutes.set(host, current)
    current.used++
    const isExceeded = perMinute !== undefined && current.used > perMinute
    return { limit, remaining: Math.max(0, limit - current.used), resetSeconds: (minute + 1) * 60, isExceeded }
  }
}
