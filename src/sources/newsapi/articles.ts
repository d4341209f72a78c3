import { z } from 'zod'
import type { NewsArticle } from '#domain/news.ts'
import { epochMs } from '#domain/units.ts'

const nullable = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === undefined || value.trim() === '' ? undefined : value))

const instant = z.string().transform((text, context) => {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return epochMs(at)
  context.addIssue({ code: 'custom', message: 'expected an instant' })
  return z.NEVER
})

const articleWire = z
  .object({
    source: z.object({ name: z.string() }),
    author: nullable,
    title: z.string().nullish(),
    description: nullable,
    url: z.string(),
    publishedAt: instant,
  })
  .transform(({ source, author, title, description, url, publishedAt }): NewsArticle => {
    return { url, title: title ?? '', summary: description, publisher: source.name, author, publishedAt, symbols: [] }
  })

/** A page of articles as NewsAPI sends it. */
export const pageWire = z.object({
  status: z.literal('ok'),
  totalResults: z.int().nonnegative(),
  articles: z.array(articleWire),
})

/** What NewsAPI sends instead, with an HTTP status of 400 and above. */
export const refusalWire = z.object({ status: z.literal('error'), code: z.string(), message: z.string() })

/** Whether there is something to read: articles that were taken down stand there as `[Removed]`. */
export function isReadable({ title, url }: NewsArticle): boolean {
  return title !== '' && title !== '[Removed]' && URL.parse(url)?.hostname.replace(/^www\./, '') !== 'removed.com'
}
