import type { Sql } from '#database/connection.client.ts'
import { type PairVerdict, type ScreenedPair, type ScreenedSymbol, ScreenRules, type ScreenView } from './views.ts'

export type ScreenAsked = {
  /** All books when none is named. */
  readonly book?: string | undefined
  /** Only pairs that this stopped; all when none is named. */
  readonly verdict?: PairVerdict | undefined
}

/** The newest screen, with its pairs best first; undefined before the first. */
export async function latestScreen(sql: Sql, { book, verdict }: ScreenAsked): Promise<ScreenView | undefined> {
  const { rows } = await sql.query<ScreenRow>(
    `select id, book, day::text as day, feed, timeframe, (extract(epoch from from_at) * 1000)::float8 as "fromAt",
       (extract(epoch from until_at) * 1000)::float8 as "untilAt", rows, head_rows as "headRows", symbols_offered as "symbolsOffered",
       symbols_complete as "symbolsComplete", tested, correlated, cointegrated, shortlisted, funnel, masked_spikes as "maskedSpikes",
       rules, (select min((detail ->> 'adjustedPValue')::float8) from spreadworks.screened_pairs where screen_id = id) as "bestAdjustedPValue"
     from spreadworks.screens where $1::text is null or book = $1 order by created_at desc, id limit 1`,
    [book ?? null],
  )
  const [screen] = rows
  if (screen === undefined) return undefined
  const { id } = screen
  const [verdicts, symbols, pairs] = [await verdictsOf(sql, id), await symbolsOf(sql, id), await pairsOf(sql, id, verdict)]
  return { ...screen, rules: ScreenRules.parse(screen.rules), verdicts, symbols, pairs }
}

type ScreenRow = Omit<ScreenView, 'pairs' | 'symbols' | 'verdicts' | 'rules'> & { readonly rules: unknown }

async function verdictsOf(sql: Sql, screenId: string): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ verdict: string; pairs: number }>(
    'select verdict, count(*)::int as pairs from spreadworks.screened_pairs where screen_id = $1 group by verdict order by 2 desc, 1',
    [screenId],
  )
  return Object.fromEntries(rows.map(({ verdict, pairs }) => [verdict, pairs]))
}

async function symbolsOf(sql: Sql, screenId: string): Promise<ScreenedSymbol[]> {
  const { rows } = await sql.query<ScreenedSymbol>(
    `select symbol, verdict, observations, (detail ->> 'needed')::int as needed, masked_spikes as "maskedSpikes",
       arch_p_value as "archPValue", ljung_box_p_value as "ljungBoxPValue", volatility_variation as "volatilityVariation",
       z_score as "zScore", volatility, coalesce(detail -> 'failures', '[]') as failures, detail ->> 'why' as why
     from spreadworks.screened_symbols where screen_id = $1
     order by verdict = 'screened', coalesce(masked_spikes, 0) = 0, symbol`,
    [screenId],
  )
  return rows
}

async function pairsOf(sql: Sql, screenId: string, verdict: PairVerdict | undefined): Promise<ScreenedPair[]> {
  const { rows } = await sql.query<ScreenedPair>(
    `select pair, rank, correlation, p_value as "pValue", (detail ->> 'adjustedPValue')::float8 as "adjustedPValue",
       hedge_ratio as "hedgeRatio", half_life_bars as "halfLifeBars", tail_p_value as "tailPValue", tail_shift as "tailShift",
       fit, volatility_forecast as "volatilityForecast", recent_backtest as "recentBacktest",
       residual_diagnostics as "residualDiagnostics", coalesce(detail -> 'unscored', '{}') as unscored, score, verdict,
       detail ->> 'why' as why
     from spreadworks.screened_pairs where screen_id = $1 and ($2::text is null or verdict = $2)
     order by rank nulls last, score desc nulls last, tail_p_value nulls last, p_value nulls last, correlation desc nulls last, pair
     limit 500`,
    [screenId, verdict ?? null],
  )
  return rows
}
