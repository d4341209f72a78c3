import type { Feed, Timeframe } from '#domain/bars.ts'
import type { PassedOver } from '#market/backfill.ts'
import type { CollectorReport } from '#market/collector-report.ts'

/** Which history is to be loaded; what is undefined comes from the settings and the keys. Dates are YYYY-MM-DD, both included. */
export type LoadRequest = {
  readonly symbols: readonly string[]
  readonly from: string | undefined
  readonly until: string | undefined
  readonly timeframe: Timeframe
  readonly feed: 'iex' | 'sip' | 'yahoo' | 'simulated' | undefined
}

/** What a load left. `minutes` are those of 1-minute bars that a source had nothing for, and those that nobody answered for. */
export type HistoryReport = {
  readonly feed: Feed
  readonly bars: number
  readonly new: number
  readonly revised: number
  readonly tookMs: number
  readonly passedOver: readonly PassedOver[]
  readonly withoutBars: readonly string[]
  readonly minutes: { readonly noTrade: number; readonly missing: number } | undefined
}

/** A session that was collected to its end. */
export type CollectedSession = CollectorReport & { readonly day: string; readonly feed: Feed; readonly symbols: number }

type Progress = { readonly done: number; readonly total: number | undefined; readonly unit: string; readonly sentence: string }

/** What the commands that bring in bars from sources are made of. */
export type CollectProgram = {
  readonly loadHistory: (
    request: LoadRequest,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ) => Promise<HistoryReport>
  /** Collects the session that trades now, or the next; with `isUntilClose` that one alone, else one after the other. */
  readonly collect: (
    request: { readonly isUntilClose: boolean },
    told: { readonly onProgress: (progress: Progress) => void; readonly onSession: (session: CollectedSession) => void },
    signal: AbortSignal,
  ) => Promise<void>
}
