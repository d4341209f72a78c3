import type { Pool } from 'pg'

/** How many pairs of a screen came to each verdict, most first. */
export async function verdictsOf(sql: Pool, screenId: string): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ verdict: string; pairs: number }>(
    `select verdict, count(*)::integer as pairs from spreadworks.screened_pairs where screen_id = $1
     group by verdict order by pairs desc, verdict`,
    [screenId],
  )
  return Object.fromEntries(rows.map(({ verdict, pairs }) => [verdict, pairs]))
}
