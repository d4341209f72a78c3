/** One line of `npm run bench`: the median of several runs of one piece of work. */
export type BenchResult = {
  readonly id: string
  /** How much work one run is, in words: `200,000 bars`. */
  readonly size: string
  readonly value: number
  readonly unit: string
  /** What it is held against, measured in the same run where that is possible. */
  readonly peer?: string
  /** Ours over the peer's; above 1 is better for us. */
  readonly ratio?: number
  /** The physical limit and how far from it this is. */
  readonly limit?: string
  readonly note?: string
}

/** One file of `*.bench.ts`. A run gives the results that are wanted; where it can only give them all, it gives all. */
export type Bench = {
  readonly id: string
  /** Results that can be asked for by their own id, where they have others than the bench. */
  readonly results?: readonly string[]
  readonly run: (isWanted: (id: string) => boolean) => Promise<BenchResult[]>
}

/** Every id by which a bench, or a part of it, can be asked for. */
export function idsOf({ id, results = [] }: Bench): readonly string[] {
  return [id, ...results.filter((result) => result !== id)]
}

/** The middle value; the mean of the two middle ones of an even count. Throws RangeError for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values is undefined')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
