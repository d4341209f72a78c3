import type { QuarantineDetailView, QuarantineEntryView, QuarantineView } from '#desk/quarantine-views.ts'
import type { EpochMs } from '#domain/units.ts'
import type { CloseCheckReport } from '#market/quarantine.ts'
import type { StoredArticle } from '#market/stored-article.ts'
import type { StoredCompany } from '#market/stored-company.ts'

/** Why a source was not asked for everything. */
export type Resting = { readonly until: EpochMs; readonly cause: string } | undefined

/** What a check of closes found: the two feeds, the symbols asked of the second, and what changed. */
export type CheckedCloses = CloseCheckReport & {
  readonly feeds: readonly [string, string]
  readonly asked: number
  readonly unavailable: Resting
}

export type LoadedCompanies = {
  readonly loaded: readonly string[]
  readonly fresh: readonly string[]
  readonly missing: readonly { readonly symbol: string; readonly cause: string }[]
  readonly quotes: number
  readonly unavailable: Resting
}

export type LoadedNews = readonly (
  | { readonly source: string; readonly kind: 'loaded'; readonly articles: number; readonly new: number }
  | { readonly source: string; readonly kind: 'unavailable'; readonly until: EpochMs; readonly cause: string }
)[]

type OnProgress = (progress: {
  readonly done: number
  readonly total: number
  readonly unit: string
  readonly sentence: string
}) => void

/** What the commands about the quality of data, companies and news are made of. */
export type QualityProgram = {
  /** What waits for a decision; with `isWhole` all that was ever found. */
  readonly quarantine: (isWhole: boolean) => Promise<QuarantineView>
  readonly quarantineEntry: (id: string) => Promise<QuarantineDetailView>
  readonly decideQuarantine: (id: string, action: 'accepted' | 'rejected', note: string) => Promise<QuarantineEntryView>
  /** Holds the last `sessions` closes of the feed that screens read, or of `feed`, against Yahoo's; no symbols: the universe. */
  readonly checkCloses: (
    request: { readonly symbols: readonly string[]; readonly feed: string | undefined; readonly sessions: number },
    onProgress: OnProgress,
  ) => Promise<CheckedCloses>
  /** Companies of these symbols; none: of the universe. */
  readonly loadCompanies: (symbols: readonly string[], onProgress: OnProgress) => Promise<LoadedCompanies>
  /** Throws COMPANY_UNKNOWN for one that was not loaded. */
  readonly company: (symbol: string) => Promise<StoredCompany>
  readonly loadNews: (onProgress: OnProgress) => Promise<LoadedNews>
  readonly news: (symbols: readonly string[], limit: number) => Promise<readonly StoredArticle[]>
}
