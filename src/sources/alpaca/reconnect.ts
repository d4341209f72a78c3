/** The pause after the second failure in a row; it doubles from there. */
const FIRST_MS = 2_000
/**
 * Seven failures in a row take at least 0.8 · (2 + 4 + 8 + 16 + 28 + 28 + 28) s = 91 s, and no pause lasts longer than
 * 1.05 · 28 s: a connection that is refused for 90 s is dialled at most 8 times and stands within 120 s.
 */
const LONGEST_MS = 28_000
/** A connection that stood this long had not failed: the next pause is a short one again. */
export const STEADY_MS = 30_000

/**
 * Milliseconds to wait before dialling again, with `failures` attempts in a row that failed since a connection last stood
 * steadily. `u` is uniform in [0, 1): clients that lost their connections together do not come back together.
 */
export function reconnectPauseMs(failures: number, u: number): number {
  if (failures === 0) return 250 + 750 * u
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)) * (0.8 + 0.25 * u)
}
