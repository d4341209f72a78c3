import { type EpochMs, epochMs } from '#domain/units.ts'
import type { RunQuery, RunRecord, Runs } from '#flows/runs.ts'
import type { Timer } from '#sources/alpaca/timer.ts'

/** A market's time that passes `speed` times as fast as the machine's: all who know these three agree on it. */
export type MonthTime = {
  readonly marketStart: EpochMs
  /** What the machine's clock shows when the market's shows `marketStart`. */
  readonly wallStart: EpochMs
  readonly speed: number
}

export function marketAt({ marketStart, wallStart, speed }: MonthTime, wall: EpochMs): EpochMs {
  return epochMs(marketStart + Math.round((wall - wallStart) * speed))
}

export function wallAt({ marketStart, wallStart, speed }: MonthTime, market: EpochMs): EpochMs {
  return epochMs(wallStart + Math.round((market - marketStart) / speed))
}

export function marketNow(time: MonthTime): EpochMs {
  return marketAt(time, epochMs(Date.now()))
}

/** The market's time as a timer. No wait is shorter than `leastMs` of the machine's time, so that who asks each second does not spin. */
export function monthTimer(time: MonthTime, leastMs: number): Timer {
  return {
    now: () => marketNow(time),
    after: (ms, run) => {
      const timer = setTimeout(run, Math.max(leastMs, ms / time.speed))
      return () => clearTimeout(timer)
    },
  }
}

/** Runs whose instants, which are the engine's and the machine's, are told in the market's time. */
export function inMarketTime({ find }: Pick<Runs, 'find'>, time: MonthTime): Pick<Runs, 'find'> {
  const market = (at: EpochMs | undefined) => (at === undefined ? undefined : marketAt(time, at))
  const wall = ({ since, until, ...rest }: RunQuery): RunQuery => ({
    ...rest,
    ...(since === undefined ? {} : { since: wallAt(time, since) }),
    ...(until === undefined ? {} : { until: wallAt(time, until) }),
  })
  return {
    find: async (query) =>
      (await find(wall(query))).map(
        (run): RunRecord => ({
          ...run,
          askedAt: marketAt(time, run.askedAt),
          startedAt: market(run.startedAt),
          endedAt: market(run.endedAt),
        }),
      ),
  }
}
