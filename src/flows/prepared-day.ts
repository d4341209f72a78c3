import type { PairName } from '#domain/pair.ts'
import type { DayParameters } from './rehearsal.ts'

/** What the flows of a day's screen are started with. */
export type PairsParameters = { readonly day: DayParameters }

/** Bars that were looked at: by id, since columns are not handed on. */
export type PreparedDay = {
  readonly preparationId: string
  /** Symbols with bars, and those of them that may be paired. */
  readonly symbols: number
  readonly fit: number
}

/** The pairs to train, best first, with each one's share of the day's epochs. */
export type Shortlist = { readonly screenId: string; readonly pairs: readonly PairName[]; readonly epochsEach: number }
