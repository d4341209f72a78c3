import type { TableRow } from '#domain/bar-table.ts'

/**
 * Whether a bar may be stored: its prices are finite and above 0, low ≤ open, close ≤ high, its volume is finite and not below
 * 0. The table `bars` checks the same, but one bad bar would keep a whole minute out there.
 */
export function keepsBarRules({ open, high, low, close, volumeShares }: TableRow): boolean {
  const isPriced = low > 0 && Number.isFinite(high) && low <= Math.min(open, close) && Math.max(open, close) <= high
  return isPriced && volumeShares >= 0 && Number.isFinite(volumeShares)
}
