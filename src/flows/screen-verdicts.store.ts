import type { Pool } from 'pg'

/**
 * How many pairs of a screen came to each verdict, most first. `symbol-left-out` are pairs that were never tried, since a
 * leg had too few bars or no steady variance.
 */
export async function verdictsOf(sql: Pool, screenId: string): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ verdict: string; pairs: number }>(
    `select verdict, count(*)::integer as pairs from spreadworks.screened_pairs where screen_id = $1 group by verdict
     union all
     select 'symbol-left-out', symbols_offered * (symbols_offered - 1) / 2 - tested from spreadworks.screens
     where id = $1 and tested < symbols_offered * (symbols_offered - 1) / 2
     order by pairs desc, verdict`,
    [screenId],
  )
  return Object.fromEntries(rows.map(({ verdict, pairs }) => [verdict, pairs]))
}
