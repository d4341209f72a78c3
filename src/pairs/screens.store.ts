import type { Pool, PoolClient } from 'pg'
import type { Feed, Timeframe } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import { nameOf, type Pair, type PairName } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { passedAt } from './funnel.ts'
import type { ScreenResult, ScreenRules } from './screen.ts'
import { PAIR_COLUMNS, pairRow, SYMBOL_COLUMNS, symbolRow } from './screen-rows.ts'

/** A screen as it is kept: what it read, by which rules, and what it found. */
export type StoredScreen = {
  readonly id: string
  readonly book: Book
  readonly day: SessionDate
  readonly feed: Feed
  readonly timeframe: Timeframe
  readonly from: EpochMs
  readonly until: EpochMs
  /** Hash of the bars that the screen read. */
  readonly dataHash: string
  readonly rules: ScreenRules
  readonly result: ScreenResult
}

const SAVE_SCREEN = `
  with screen as (
    insert into spreadworks.screens (id, book, day, feed, timeframe, from_at, until_at, data_hash, rules,
      symbols_offered, symbols_complete, tested, correlated, cointegrated, shortlisted, rows, head_rows, funnel, masked_spikes)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    on conflict (id) do nothing
    returning id
  ), symbols as (
    insert into spreadworks.screened_symbols
      (screen_id, symbol, verdict, observations, masked_spikes, arch_p_value, ljung_box_p_value, volatility_variation,
       z_score, volatility, detail)
    select screen.id, offered.*
    from screen, unnest($20::text[], $21::text[], $22::int[], $23::int[], $24::float8[], $25::float8[], $26::float8[],
      $27::float8[], $28::float8[], $29::jsonb[]) as offered
  )
  insert into spreadworks.screened_pairs
    (screen_id, pair, y, x, rank, correlation, p_value, hedge_ratio, intercept, half_life_bars, score, verdict,
     fit, volatility_forecast, recent_backtest, residual_diagnostics, tail_p_value, tail_shift, detail)
  select screen.id, tried.*
  from screen, unnest($30::text[], $31::text[], $32::text[], $33::int[], $34::float8[], $35::float8[], $36::float8[],
    $37::float8[], $38::float8[], $39::float8[], $40::text[], $41::float8[], $42::float8[], $43::float8[], $44::float8[],
    $45::float8[], $46::float8[], $47::jsonb[]) as tried`

/** Writes a screen, every symbol it was offered and every pair it tried, in one statement. The same id again changes nothing. */
export async function saveScreen(sql: Pool | PoolClient, screen: StoredScreen): Promise<void> {
  const { result } = screen
  const { rows, headRows, funnel, maskedSpikes } = result
  const [symbols, pairs] = [result.symbols.map(symbolRow), result.pairs.map(pairRow)]
  const counted = ['offered', 'complete', 'tried', 'correlated', 'cointegrated', 'shortlisted'] as const
  await sql.query(SAVE_SCREEN, [
    ...[screen.id, screen.book, screen.day, screen.feed, screen.timeframe, isoFrom(screen.from), isoFrom(screen.until)],
    ...[screen.dataHash, JSON.stringify(screen.rules)],
    ...counted.map((gate) => passedAt(funnel, gate)),
    ...[rows, headRows, JSON.stringify(funnel), JSON.stringify(maskedSpikes)],
    ...SYMBOL_COLUMNS.map((column) => symbols.map((row) => row[column])),
    ...PAIR_COLUMNS.map((column) => pairs.map((row) => row[column])),
  ])
}

export type ShortlistedPair = {
  readonly pair: Pair
  readonly name: PairName
  readonly rank: number
  readonly correlation: number
  readonly pValue: number
  readonly alpha: number
  readonly beta: number
  readonly halfLifeBars: number
  readonly score: number
}

type ShortlistRow = Omit<ShortlistedPair, 'pair' | 'name'> & { readonly y: string; readonly x: string }

const SHORTLIST = `
  select y, x, rank, correlation, p_value as "pValue", intercept as alpha, hedge_ratio as beta,
    half_life_bars as "halfLifeBars", score
  from spreadworks.screened_pairs
  where screen_id = $1 and verdict = 'shortlisted'
  order by rank`

/** The pairs that `screenId` shortlisted, best first; empty when it shortlisted none, or is not stored. */
export async function loadShortlist(sql: Pool | PoolClient, screenId: string): Promise<ShortlistedPair[]> {
  const { rows } = await sql.query<ShortlistRow>(SHORTLIST, [screenId])
  return rows.map(({ y, x, ...numbers }) => {
    const pair = { y: storedSymbol(y), x: storedSymbol(x) }
    return { ...numbers, pair, name: nameOf(pair) }
  })
}

function storedSymbol(text: string): Symbol_ {
  const symbol = symbolFrom(text)
  if (symbol === undefined) throw new RangeError(`a screened pair holds ${JSON.stringify(text)}, which is not a ticker`)
  return symbol
}

/** How many pairs of a day's screen passed each gate. */
export type ScreenCounts = {
  readonly tested: number
  readonly correlated: number
  readonly cointegrated: number
  readonly shortlisted: number
}

/** The screen of a book's day, or undefined when there is none. */
export async function screenOfDay(
  sql: Pool | PoolClient,
  { book, day }: { readonly book: Book; readonly day: SessionDate },
): Promise<({ readonly id: string } & ScreenCounts) | undefined> {
  const { rows } = await sql.query<{ id: string } & ScreenCounts>(
    `select id, tested, correlated, cointegrated, shortlisted from spreadworks.screens where book = $1 and day = $2`,
    [book, day],
  )
  return rows[0]
}
