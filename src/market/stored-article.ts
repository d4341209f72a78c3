import type { NewsArticle } from '#domain/news.ts'
import type { EpochMs } from '#domain/units.ts'

/** An article as it is kept. `receivedAt`: when we first knew of it. */
export type StoredArticle = NewsArticle & { readonly source: string; readonly receivedAt: EpochMs }
