/** A copy of another day's close is that close to the rounding of a price, not to the noise between two feeds. */
const SAME = 0.002
/** A stretch of fewer sessions is chance or a stale day. */
const FEWEST_SESSIONS = 5
/** So many of its sessions must tell a shifted feed from one that agrees. */
const FEWEST_TELLING = 3

/** Sessions [first, last] on which one feed says what the other said the session before. */
export type Shift = { readonly first: number; readonly last: number; readonly late: 0 | 1 }

/**
 * Stretches on which a feed's closes are the other's of the session before: at least five sessions of copies, three of which
 * would not be copies of their own day. The late feed is the one that is said to lag; that the other is a day early reads
 * the same. `logs`: [n] on one basis, NaN where a feed has no close, which ends a stretch; `level` is the distance a − b at
 * which they agree.
 */
export function shiftedDays(logs: readonly [Float64Array, Float64Array], level: number): Shift[] {
  return [
    ...lateDays(logs[0], logs[1], level).map((s) => ({ ...s, late: 0 }) as const),
    ...lateDays(logs[1], logs[0], -level).map((s) => ({ ...s, late: 1 }) as const),
  ]
}

function lateDays(late: Float64Array, ahead: Float64Array, level: number): { readonly first: number; readonly last: number }[] {
  const isCopy = (t: number) => Math.abs(late[t] - ahead[t - 1] - level) < SAME
  const isTelling = (t: number) => Math.abs(late[t] - ahead[t] - level) > 2 * SAME
  const stretches: { first: number; last: number }[] = []
  for (let t = 1; t < late.length; t++) {
    if (!isCopy(t)) continue
    const first = t
    while (t + 1 < late.length && isCopy(t + 1)) t++
    const telling = late.subarray(first, t + 1).reduce((count, _, i) => count + (isTelling(first + i) ? 1 : 0), 0)
    if (t - first + 1 >= FEWEST_SESSIONS && telling >= FEWEST_TELLING) stretches.push({ first, last: t })
  }
  return stretches
}
