import type { QuarantineDetailView, QuarantineView } from '#desk/quarantine-views.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { StoredArticle } from '#market/stored-article.ts'
import type { StoredCompany } from '#market/stored-company.ts'
import type { CheckedCloses, LoadedCompanies, LoadedNews, Resting } from './quality-program.ts'
import { textTable } from './text-table.ts'

/** Entries for a person, a line each, and the sources that do not answer. */
export function quarantineText({ entries, sources }: QuarantineView): string {
  const resting = sources.flatMap(({ source, unavailableUntil: until, cause }) =>
    until === null ? [] : [`${source} is not asked again before ${minuteOf(until)} UTC: ${cause ?? 'cause not known'}\n`],
  )
  if (entries.length === 0) return `Nothing waits for a decision.\n${resting.join('')}`
  const rows = entries.map((entry) => [entry.id, entry.state, entry.symbol, entry.feed, entry.rule, entry.from, entry.sentence])
  return textTable(['id', 'state', 'symbol', 'feed', 'rule', 'from', 'found'], rows) + resting.join('')
}

/** An entry with both closes of every session shown, held ones marked, and what was done to it. */
export function quarantineEntryText({ entry, audit }: QuarantineDetailView): string {
  const { id, symbol, state, sentence, feed, otherFeed, days } = entry
  const rows = days.map(({ date, own, other, isHeld }) => [isHeld ? `${date} *` : date, priceOf(own), priceOf(other)])
  const done = audit.map(({ at, by, action, note }) => `${minuteOf(at)} UTC  ${action} by ${by}: ${note}\n`)
  const closes = textTable(['session', feed, otherFeed], rows, new Set([1, 2]))
  return `${symbol} ${id}, ${state}\n${sentence}\n\n${closes}* held back\n\n${done.join('')}`
}

/** What a check of closes did. */
export function checkText({ feeds, symbols, withBothFeeds, held, withdrawn, asked, unavailable }: CheckedCloses): string {
  const compared = `Compared ${feeds.join(' with ')}: ${symbols} symbols, ${withBothFeeds} of them with closes of both; ${asked} asked for.\n`
  const found = `${held} newly held back, ${withdrawn} withdrawn; spreadworks quarantine list shows what waits.\n`
  return compared + found + restingText('yahoo', unavailable)
}

export function companiesText({ loaded, fresh, missing, quotes, unavailable }: LoadedCompanies): string {
  const none = missing.map(({ symbol, cause }) => `  ${symbol}: ${cause}\n`).join('')
  const counts = `${loaded.length} companies loaded, ${fresh.length} younger than a week, ${missing.length} without an answer, ${quotes} prices.\n`
  return counts + none + restingText('yahoo', unavailable)
}

/** A company for a person: its profile, the figures that are known, its officers with their pay. */
export function companyText(company: StoredCompany): string {
  const { symbol, name, sector, industry, country, employees, currency, officers, statistics, fetchedAt, source } = company
  const facts = [sector, industry, country, employees === undefined ? undefined : `${employees} employees`].filter(
    (fact) => fact !== undefined,
  )
  const figures = Object.entries(statistics).filter(([, value]) => value !== undefined)
  return [
    `${symbol} ${name}`,
    facts.join(' · '),
    ...figures.map(([figure, value]) => `  ${figure} ${value}`),
    ...officers.map((officer) => `  ${officer.name}, ${officer.title}${payText(officer, currency)}`),
    `${source}, ${minuteOf(fetchedAt)} UTC`,
    '',
  ].join('\n')
}

function payText({ totalPay, fiscalYear }: StoredCompany['officers'][number], currency: string | undefined): string {
  if (totalPay === undefined) return ''
  const parts = [totalPay, currency, fiscalYear === undefined ? undefined : `in ${fiscalYear}`]
  return ` (${parts.filter((part) => part !== undefined).join(' ')})`
}

export function newsLoadedText(loaded: LoadedNews): string {
  return loaded
    .map((one) =>
      one.kind === 'loaded' ? `${one.source}: ${one.articles} articles, ${one.new} new\n` : restingText(one.source, one),
    )
    .join('')
}

export function newsText(articles: readonly StoredArticle[]): string {
  if (articles.length === 0) return 'No news is stored; load some (spreadworks news load).\n'
  const rows = articles.map((a) => [minuteOf(a.publishedAt), a.symbols.join(' '), a.publisher, a.title])
  return textTable(['published, UTC', 'symbols', 'publisher', 'title'], rows)
}

function restingText(source: string, resting: Resting): string {
  if (resting === undefined) return ''
  return `${source} does not answer (${resting.cause}) and is not asked again before ${minuteOf(resting.until)} UTC; the rest waits.\n`
}

function minuteOf(at: number): string {
  return isoFrom(epochMs(at)).slice(0, 16).replace('T', ' ')
}

function priceOf(close: number | null): string {
  return close === null ? '–' : close.toFixed(2)
}
