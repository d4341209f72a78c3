import type { Sql } from '#database/connection.client.ts'
import { type NewsArticle, normalisedUrl } from '#domain/news.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { StoredArticle } from './stored-article.ts'

const SAVE_ARTICLES = `
with given as (
  select address, url, title, summary, publisher, author, symbols::text[] as symbols, to_timestamp(published_at / 1000) as published_at
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::float8[])
    as t (address, url, title, summary, publisher, author, symbols, published_at)
)
insert into spreadworks.news_articles as kept (address, url, title, summary, publisher, author, source, symbols, published_at, received_at)
select address, url, title, summary, publisher, author, $1, symbols, published_at, $2 from given
on conflict (address) do update
  set symbols = (select array_agg(distinct symbol order by symbol) from unnest(kept.symbols || excluded.symbols) as symbol)
  where not kept.symbols @> excluded.symbols
returning xmax = 0 as is_new`

/**
 * Keeps articles that are not known yet; of two with one normalised address the first stands, with the symbols of both.
 * Articles without an http address are left out. Returns how many were new.
 */
export async function saveArticles(
  sql: Sql,
  articles: readonly NewsArticle[],
  { source, receivedAt }: { readonly source: string; readonly receivedAt: EpochMs },
): Promise<number> {
  const byAddress = new Map<string, NewsArticle>()
  for (const article of articles) {
    const address = normalisedUrl(article.url)
    if (address === undefined) continue
    const first = byAddress.get(address)
    byAddress.set(address, { ...(first ?? article), symbols: [...new Set([...(first?.symbols ?? []), ...article.symbols])] })
  }
  // In one order, so that two who save at once never wait for each other.
  const rows = [...byAddress].sort(([a], [b]) => (a < b ? -1 : 1))
  const column = (of: (article: NewsArticle) => unknown) => rows.map(([, article]) => of(article) ?? null)
  const { rows: written } = await sql.query<{ is_new: boolean }>(SAVE_ARTICLES, [
    source,
    new Date(receivedAt),
    rows.map(([address]) => address),
    column((a) => a.url),
    column((a) => a.title),
    column((a) => a.summary),
    column((a) => a.publisher),
    column((a) => a.author),
    column((a) => `{${a.symbols.map((symbol) => `"${symbol}"`).join(',')}}`),
    column((a) => a.publishedAt),
  ])
  return written.filter(({ is_new }) => is_new).length
}

type ArticleRow = {
  readonly url: string
  readonly title: string
  readonly summary: string | null
  readonly publisher: string
  readonly author: string | null
  readonly source: string
  readonly symbols: readonly Symbol_[]
  readonly published_at: Date
  readonly received_at: Date
}

/**
 * Articles that were known at `at`, the last to be published first, at most `limit`; those about any of `symbols`, or all when
 * there are none. What came to us later is not told, whatever its date.
 */
export async function newsKnownAt(
  sql: Sql,
  { at, symbols, limit }: { readonly at: EpochMs; readonly symbols: readonly Symbol_[]; readonly limit: number },
): Promise<StoredArticle[]> {
  const { rows } = await sql.query<ArticleRow>(
    `select url, title, summary, publisher, author, source, symbols, published_at, received_at from spreadworks.news_articles
     where received_at <= $1 and (cardinality($2::text[]) = 0 or symbols && $2)
     order by published_at desc, address limit $3`,
    [new Date(at), symbols, limit],
  )
  return rows.map(({ summary, author, published_at, received_at, ...article }) => ({
    ...article,
    summary: summary ?? undefined,
    author: author ?? undefined,
    publishedAt: epochMs(published_at.getTime()),
    receivedAt: epochMs(received_at.getTime()),
  }))
}

/** When the last article of `source` that we have was published, or undefined before the first. */
export async function lastPublishedAt(sql: Sql, source: string): Promise<EpochMs | undefined> {
  const { rows } = await sql.query<{ at: Date | null }>(
    'select max(published_at) as at from spreadworks.news_articles where source = $1',
    [source],
  )
  const at = rows[0]?.at
  return at === null || at === undefined ? undefined : epochMs(at.getTime())
}
