import type { Sql } from '#database/connection.client.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { WatchFacts } from './findings.ts'

/** Feeds that come from a source by themselves: what is imported or generated is not waited for. */
const SOURCES_OF_DAILY_BARS = ['iex', 'sip', 'yahoo']

/** When the newest 1-minute bar that `feed` has of `day` opened; undefined when it has none. */
export async function newestBarOf(sql: Sql, feed: string, day: SessionDate): Promise<EpochMs | undefined> {
  const { rows } = await sql.query<{ last_at: Date }>(
    `select last_at from spreadworks.bar_counts where feed = $1 and timeframe = '1m' and day = $2`,
    [feed, day],
  )
  return rows[0] === undefined ? undefined : epochMs(rows[0].last_at.getTime())
}

/** The newest day of which a source has brought daily bars; undefined when none has. */
export async function newestDailyBars(sql: Sql): Promise<SessionDate | undefined> {
  const { rows } = await sql.query<{ newest: SessionDate | null }>(
    `select max(day) as newest from spreadworks.bar_counts where timeframe = '1d' and feed = any($1)`,
    [SOURCES_OF_DAILY_BARS],
  )
  return rows[0]?.newest ?? undefined
}

/** The newest day with a promoted model of the paper or the live book; undefined when there is none. */
export async function newestPromotedModel(sql: Sql): Promise<SessionDate | undefined> {
  const { rows } = await sql.query<{ newest: SessionDate | null }>(
    `select max(day) as newest from spreadworks.pair_models where is_promoted and book in ('live', 'paper')`,
  )
  return rows[0]?.newest ?? undefined
}

/** The sources that have answered once and have not since, by name. */
export async function silentSources(sql: Sql): Promise<WatchFacts['sources']> {
  const { rows } = await sql.query<{ source: string; unavailable_since: Date; cause: string }>(
    `select source, unavailable_since, cause from spreadworks.source_states
     where answered_at is not null and unavailable_since is not null and cause is not null order by source collate "C"`,
  )
  return rows.map(({ source, unavailable_since, cause }) => ({ source, since: epochMs(unavailable_since.getTime()), cause }))
}
