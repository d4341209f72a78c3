import type { Sql } from '#database/connection.client.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'

/** How a source is: when it last answered, and, while it does not, until when it is not asked again and why. */
export type SourceState = {
  readonly source: string
  /** Undefined when it never answered. */
  readonly answeredAt: EpochMs | undefined
  readonly unavailable: { readonly until: EpochMs; readonly cause: string } | undefined
}

/** Notes that `source` answered at `at`. */
export async function noteAnswer(sql: Sql, source: string, at: EpochMs): Promise<void> {
  await sql.query(
    `insert into spreadworks.source_states as s (source, answered_at, updated_at) values ($1, $2, $2)
     on conflict (source) do update set answered_at = greatest(s.answered_at, $2), unavailable_until = null, unavailable_since = null,
       cause = null, updated_at = $2`,
    [source, new Date(at)],
  )
}

/** Notes that `source` did not answer at `at` and is not asked again before `until`. When it last answered stays known. */
export async function noteUnavailable(
  sql: Sql,
  source: string,
  { at, until, cause }: { readonly at: EpochMs; readonly until: EpochMs; readonly cause: string },
): Promise<void> {
  await sql.query(
    `insert into spreadworks.source_states as s (source, unavailable_until, unavailable_since, cause, updated_at) values ($1, $2, $4, $3, $4)
     on conflict (source) do update set unavailable_until = $2, unavailable_since = coalesce(s.unavailable_since, $4), cause = $3, updated_at = $4`,
    [source, new Date(until), cause, new Date(at)],
  )
}

/** Every source that was ever asked, by name. */
export async function sourceStates(sql: Sql): Promise<SourceState[]> {
  const { rows } = await sql.query<{
    source: string
    answered_at: Date | null
    unavailable_until: Date | null
    cause: string | null
  }>('select source, answered_at, unavailable_until, cause from spreadworks.source_states order by source collate "C"')
  return rows.map(({ source, answered_at, unavailable_until: until, cause }) => ({
    source,
    answeredAt: answered_at === null ? undefined : epochMs(answered_at.getTime()),
    unavailable: until === null || cause === null ? undefined : { until: epochMs(until.getTime()), cause },
  }))
}
