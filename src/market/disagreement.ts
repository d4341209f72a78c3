import type { Split } from './daily-closes.ts'

/**
 * How far apart two closes of a day may be, as a difference of logarithms. Two honest feeds differ by tenths of a per cent (the
 * last trade of one exchange against the closing auction); the smallest stock dividends are 5 %.
 */
export const CLOSE_TOLERANCE = 0.02
/** How exactly the factor between two feeds must be that of a split to be called one. */
const SPLIT_TOLERANCE = 0.004
/** A level is the same while it changes by less than this part of itself: on a wrong level, too, the other feed has its small faults. */
const SAME_LEVEL = 4
/** More sessions at another level than this are no spike. */
const SPIKE_SESSIONS = 3
/** So many sessions at the same price are enough to know that the feeds stand on one basis. */
const SESSIONS_AGREED = 3
/** One feed is at fault when it jumps at the borders of the disagreement by more than this times as much as the other. */
const ROUGHER = 2

/** Splits that companies make: new shares for old. */
const USUAL_SPLITS = [1.5, 4 / 3, 5 / 4, 6 / 5, 2, 5 / 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50]

/** Sessions [first, last] of both feeds between which the distance of the feeds is off by about `distance` (log of a over b). */
export type Run = { readonly first: number; readonly last: number; readonly sessions: number; readonly distance: number }

/** Two log series with NaN where a feed has no close. */
export type LogPair = readonly [Float64Array, Float64Array]

/** ln a − ln b, NaN where either has no close. */
export function distances([a, b]: LogPair): Float64Array {
  return a.map((value, t) => value - b[t])
}

/**
 * The distance at which two feeds agree: 0 when they are at the same price on three sessions at least, or have no more in
 * common; else the median of `distance`, since feeds adjusted at different times differ by one factor throughout.
 */
export function agreedLevel(distance: Float64Array): number {
  const known = distance.filter((value) => !Number.isNaN(value)).sort()
  const atZero = known.filter((value) => Math.abs(value) <= CLOSE_TOLERANCE).length
  return atZero >= SESSIONS_AGREED || known.length <= SESSIONS_AGREED ? 0 : known[known.length >> 1]
}

/**
 * Runs of sessions whose distance is farther from `level` than the tolerance. A run ends where the level itself changes: a
 * spike on a wrong level is a run of its own, and the wrong level goes on through it. `skipped` sessions belong to no run and
 * end none.
 */
export function disagreements(distance: Float64Array, level: number, skipped: ReadonlySet<number>): Run[] {
  const known = Array.from(distance.keys()).filter((t) => !Number.isNaN(distance[t]) && !skipped.has(t))
  const off = known.map((t) => distance[t] - level)
  const runs: { readonly places: number[] }[] = []
  for (const place of known.keys()) {
    if (Math.abs(off[place]) <= CLOSE_TOLERANCE) continue
    const before = runs.findLast(({ places }) => isSameLevel(off[places[places.length - 1]], off[place]))
    const last = before?.places.at(-1)
    const isUnbroken = last !== undefined && off.slice(last, place).every((one) => Math.abs(one) > CLOSE_TOLERANCE)
    if (before !== undefined && isUnbroken) before.places.push(place)
    else runs.push({ places: [place] })
  }
  return runs.map(({ places }) => ({
    first: known[places[0]],
    last: known[places[places.length - 1]],
    sessions: places.length,
    distance: median(places.map((place) => off[place])),
  }))
}

function isSameLevel(was: number, is: number): boolean {
  return Math.abs(is - was) <= Math.max(CLOSE_TOLERANCE, Math.abs(was) / SAME_LEVEL)
}

/**
 * Which feed left the path at the borders of a run: the one whose own moves into and out of it are more than twice the
 * other's; both (`undefined`) where that does not tell them apart, as on a day on which both moved.
 */
export function feedAtFault(logs: LogPair, { first, last }: Pick<Run, 'first' | 'last'>): 0 | 1 | undefined {
  const [a, b] = logs.map((log) => {
    const before = log.subarray(0, first).findLast((value) => !Number.isNaN(value)) ?? log[first]
    const after = log.subarray(last + 1).find((value) => !Number.isNaN(value)) ?? log[last]
    return Math.abs(log[first] - before) + Math.abs(after - log[last])
  })
  if (a > ROUGHER * b) return 0
  return b > ROUGHER * a ? 1 : undefined
}

/**
 * The feed that repeats its last close throughout a run while the other moves, or undefined. It must catch up afterwards by
 * more than the other moves then, or it is the other one that went and came back; at the end of the series that is not known
 * yet, and the feed is named.
 */
export function staleFeed(logs: LogPair, { first, last }: Pick<Run, 'first' | 'last'>): 0 | 1 | undefined {
  const [a, b] = logs.map((log) => {
    const before = log.subarray(0, first).findLast((value) => !Number.isNaN(value))
    const after = log.subarray(last + 1).find((value) => !Number.isNaN(value))
    const repeats = log.subarray(first, last + 1).every((value) => Number.isNaN(value) || value === before)
    return { repeats, moveAfter: after === undefined ? 0 : Math.abs(after - log[last]) }
  })
  if (a.repeats && !b.repeats && a.moveAfter >= b.moveAfter) return 0
  return b.repeats && !a.repeats && b.moveAfter >= a.moveAfter ? 1 : undefined
}

export type LevelRule = 'half-applied-split' | 'invented-split' | 'spike' | 'levels-differ'

/** What a run of another level looks like, and the split of which it has the size, told of or only usual. */
export type LevelVerdict = { readonly rule: LevelRule; readonly newPerOld: number | undefined }

/**
 * What a run is: of the size of a split that is told of → it was applied to a part of the days; short, and over → a spike; of
 * the size of a split that companies make, or of one that closes as traded deny → invented; else levels that differ, as after
 * a spin-off that one feed has adjusted for.
 */
export function levelVerdict(
  run: Run,
  {
    splits,
    denied,
    sessionsAfter,
  }: { readonly splits: readonly Split[]; readonly denied: readonly Split[]; readonly sessionsAfter: number },
): LevelVerdict {
  const told = ratioLike(
    run.distance,
    splits.map(({ newPerOld }) => newPerOld),
  )
  if (told !== undefined) return { rule: 'half-applied-split', newPerOld: told }
  if (run.sessions <= SPIKE_SESSIONS && sessionsAfter > 0) return { rule: 'spike', newPerOld: undefined }
  const invented = ratioLike(run.distance, [...denied.map(({ newPerOld }) => newPerOld), ...USUAL_SPLITS])
  if (invented !== undefined) return { rule: 'invented-split', newPerOld: invented }
  return { rule: run.sessions <= SPIKE_SESSIONS ? 'spike' : 'levels-differ', newPerOld: undefined }
}

function ratioLike(distance: number, ratios: readonly number[]): number | undefined {
  return ratios.find((ratio) => Math.abs(Math.abs(distance) - Math.abs(Math.log(ratio))) < SPLIT_TOLERANCE)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}
