import type { Pool } from 'pg'
import { adjustmentOf, type Feed } from '#domain/bars.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import type { EpochMs, PriceColumn } from '#domain/units.ts'
import { dailyClosesOf } from './daily-closes.store.ts'
import type { FeedCloses } from './daily-closes.ts'
import { recordFindings } from './quarantine.store.ts'
import type { CloseCheckReport } from './quarantine.ts'
import { splitsOf } from './splits.store.ts'
import { twoSourceCheck } from './two-source-check.ts'

export type CloseCheck = {
  readonly symbols: readonly Symbol_[]
  readonly feeds: readonly [Feed, Feed]
  /** Ascending, closed ones only. */
  readonly sessions: readonly Session[]
}

/**
 * Holds the stored daily closes of two feeds against each other and brings the quarantine to what was found. Symbols that
 * neither feed has are passed over. Doing it again changes nothing.
 */
export async function checkCloses(pool: Pool, { symbols, feeds, sessions }: CloseCheck, at: EpochMs): Promise<CloseCheckReport> {
  const [first, last] = [sessions.at(0), sessions.at(-1)]
  const report = { symbols: 0, withBothFeeds: 0, held: 0, renewed: 0, withdrawn: 0 }
  if (first === undefined || last === undefined) return report
  const splits = await splitsOf(pool, symbols)
  const [a, b] = await Promise.all(feeds.map((feed) => dailyClosesOf(pool, symbols, { feed, sessions })))
  const dates = sessions.map(({ date }) => date)
  const none = new Float64Array(sessions.length).fill(Number.NaN) as Float64Array as PriceColumn
  for (const symbol of symbols) {
    const [own, other] = [a.get(symbol) ?? none, b.get(symbol) ?? none]
    const [isOwn, isOther] = [own, other].map((close) => close.some((price) => !Number.isNaN(price)))
    if (!isOwn && !isOther) continue
    const closes = {
      symbol,
      dates,
      feeds: [feedCloses(feeds[0], own), feedCloses(feeds[1], other)],
      splits: splits.get(symbol) ?? [],
    } as const
    const known = new Set(dates.filter((_, t) => !Number.isNaN(own[t] + other[t])))
    const checked = { first: first.date, last: last.date, isKnown: (date: Session['date']) => known.has(date) }
    const changed = await recordFindings(pool, { symbol, feeds, findings: twoSourceCheck(closes), checked }, at)
    report.symbols++
    if (isOwn && isOther) report.withBothFeeds++
    report.held += changed.held
    report.renewed += changed.renewed
    report.withdrawn += changed.withdrawn
  }
  return report
}

function feedCloses(feed: Feed, close: PriceColumn): FeedCloses {
  return { feed, isSplitAdjusted: adjustmentOf(feed) === 'split', close }
}
