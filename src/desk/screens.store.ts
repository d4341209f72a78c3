import type { Sql } from '#database/connection.client.ts'
import { type ScreenedPair, ScreenRules, type ScreenView } from './views.ts'

/** The newest screen of a book, or of all books when none is named, with its pairs best first; undefined before the first. */
export async function latestScreen(sql: Sql, book?: string): Promise<ScreenView | undefined> {
  const { rows } = await sql.query<ScreenRow>(
    `select id, book, day::text as day, feed, timeframe, (extract(epoch from from_at) * 1000)::float8 as "fromAt",
       (extract(epoch from until_at) * 1000)::float8 as "untilAt", symbols_offered as "symbolsOffered",
       symbols_complete as "symbolsComplete", tested, correlated, cointegrated, shortlisted, rules,
       (select min((detail ->> 'adjustedPValue')::float8) from spreadworks.screened_pairs where screen_id = id) as "bestAdjustedPValue"
     from spreadworks.screens where $1::text is null or book = $1 order by created_at desc, id limit 1`,
    [book ?? null],
  )
  const [screen] = rows
  if (screen === undefined) return undefined
  const rules = ScreenRules.parse(screen.rules)
  return { ...screen, rules, verdicts: await verdictsOf(sql, screen.id), pairs: await pairsOf(sql, screen.id) }
}

type ScreenRow = Omit<ScreenView, 'pairs' | 'verdicts' | 'rules'> & { readonly rules: unknown }

async function verdictsOf(sql: Sql, screenId: string): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ verdict: string; pairs: number }>(
    'select verdict, count(*)::int as pairs from spreadworks.screened_pairs where screen_id = $1 group by verdict order by 2 desc, 1',
    [screenId],
  )
  return Object.fromEntries(rows.map(({ verdict, pairs }) => [verdict, pairs]))
}

async function pairsOf(sql: Sql, screenId: string): Promise<ScreenedPair[]> {
  const { rows } = await sql.query<ScreenedPair>(
    `select pair, rank, correlation, p_value as "pValue", (detail ->> 'adjustedPValue')::float8 as "adjustedPValue",
       hedge_ratio as "hedgeRatio", half_life_bars as "halfLifeBars", score, verdict
     from spreadworks.screened_pairs where screen_id = $1
     order by rank nulls last, score desc nulls last, p_value nulls last, correlation desc nulls last, pair limit 500`,
    [screenId],
  )
  return rows
}
