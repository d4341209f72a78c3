import type { Pool, PoolClient } from 'pg'
import type { Feed, Timeframe } from '#domain/bars.ts'
import type { Book } from '#domain/book.ts'
import { nameOf, type Pair, type PairName } from '#domain/pair.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type Symbol_, symbolFrom } from '#domain/symbol.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import type { ScreenedPair, ScreenResult, ScreenRules } from './screen.ts'

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
      symbols_offered, symbols_complete, tested, correlated, cointegrated, shortlisted)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    on conflict (id) do nothing
    returning id
  )
  insert into spreadworks.screened_pairs
    (screen_id, pair, y, x, rank, correlation, p_value, hedge_ratio, intercept, half_life_bars, score, verdict, detail)
  select screen.id, tried.*
  from screen, unnest($16::text[], $17::text[], $18::text[], $19::int[], $20::float8[], $21::float8[], $22::float8[],
    $23::float8[], $24::float8[], $25::float8[], $26::text[], $27::jsonb[]) as tried`

/** Writes a screen and every pair it tried, in one statement. Writing a screen of the same id again changes nothing. */
export async function saveScreen(sql: Pool | PoolClient, screen: StoredScreen): Promise<void> {
  const { result } = screen
  const rows = result.pairs.map(rowOf)
  await sql.query(SAVE_SCREEN, [
    ...[screen.id, screen.book, screen.day, screen.feed, screen.timeframe, isoFrom(screen.from), isoFrom(screen.until)],
    ...[screen.dataHash, JSON.stringify(screen.rules), result.offered, result.complete],
    ...[result.tested, result.correlated, result.cointegrated, result.shortlisted],
    ...COLUMNS.map((column) => rows.map((row) => row[column])),
  ])
}

type Row = ReturnType<typeof rowOf>

const COLUMNS = [
  'name',
  'y',
  'x',
  'rank',
  'correlation',
  'pValue',
  'beta',
  'alpha',
  'halfLifeBars',
  'score',
  'verdict',
  'detail',
] as const satisfies readonly (keyof Row)[]

/** Numbers that the pair's gate had not reached are null; the ones without a column of their own stand in the detail. */
function rowOf(screened: ScreenedPair) {
  const known: Partial<Record<string, unknown>> = screened
  const number = (key: string) => (typeof known[key] === 'number' ? known[key] : null)
  return {
    name: screened.name,
    y: screened.pair.y,
    x: screened.pair.x,
    rank: number('rank'),
    correlation: number('correlation'),
    pValue: number('pValue'),
    beta: number('beta'),
    alpha: number('alpha'),
    halfLifeBars: number('halfLifeBars'),
    score: number('score'),
    verdict: screened.verdict,
    detail: JSON.stringify({ why: known.why, observations: known.observations, adjustedPValue: known.adjustedPValue }),
  }
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
