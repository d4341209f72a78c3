import type { EpochMs } from '#domain/units.ts'

/** One value of a metric of a run, at a step of its training. */
export type TrackedMetric = { readonly key: string; readonly value: number; readonly step: number; readonly at: EpochMs }
