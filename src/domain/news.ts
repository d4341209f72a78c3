import type { Symbol_ } from './symbol.ts'
import type { EpochMs } from './units.ts'

/**
 * One article as a source tells it. `publishedAt` is what its publisher says; when we came to know of it is another matter,
 * and the only one that a decision may go by.
 */
export type NewsArticle = {
  readonly url: string
  readonly title: string
  /** A sentence or two; undefined where the source gives none. */
  readonly summary: string | undefined
  /** Who published it, as a name: `Reuters`. */
  readonly publisher: string
  readonly author: string | undefined
  readonly publishedAt: EpochMs
  /** Symbols that the source says it is about; empty where it does not say. */
  readonly symbols: readonly Symbol_[]
}

/** Parameters that say how a reader came to a page and not which page it is. */
const TRACKING = /^(utm_.*|fbclid|gclid|ncid|guccounter|guce_.*|soc_.*|src|ref|cmpid|\.tsrc|yptr)$/i

/**
 * The address by which two copies of an article are known as one: https, host in small letters without `www.`, no fragment,
 * no tracking parameters, the others in order, no slash at the end. Undefined for what is no http address.
 */
export function normalisedUrl(url: string): string | undefined {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return undefined
  const kept = [...parsed.searchParams].filter(([name]) => !TRACKING.test(name))
  const query = new URLSearchParams(kept.sort(([a], [b]) => (a < b ? -1 : Number(a > b)))).toString()
  const port = ['', '80', '443'].includes(parsed.port) ? '' : `:${parsed.port}`
  const path = parsed.pathname.replace(/\/+$/, '')
  return `https://${parsed.hostname.replace(/^www\./, '')}${port}${path}${query === '' ? '' : `?${query}`}`
}
