import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { type Gap, gapsBetween } from './bar-gaps.store.ts'
import { isSet } from './minute-bits.ts'

/**
 * Minutes by what became of them. `expected` are all of the session, `due` those judged so far: `present` + `noTrade` +
 * `missing`. `repaired` are part of `present`.
 */
export type LedgerCount = {
  readonly expected: number
  readonly due: number
  readonly present: number
  readonly repaired: number
  readonly noTrade: number
  readonly missing: number
}

const COUNTED = `
  select feed, symbol, day, minutes as expected, due, bit_count(substring(present from 1 for due)) as present,
         bit_count(substring(repaired from 1 for due)) as repaired, bit_count(substring(no_trade from 1 for due)) as no_trade
  from spreadworks.bar_ledger`

/** Which sessions and symbols of a feed are asked for; all symbols when undefined. Both dates are included. */
export type LedgerQuestion = {
  readonly feed: Feed
  readonly from: SessionDate
  readonly through: SessionDate
  readonly symbols: readonly Symbol_[] | undefined
}

export type SymbolLedger = LedgerCount & { readonly symbol: Symbol_; readonly day: SessionDate }

/** One row for each symbol and session that the ledger knows, by day, then symbol. */
export async function symbolLedgers(sql: Sql, question: LedgerQuestion): Promise<SymbolLedger[]> {
  const { rows } = await sql.query<SymbolLedger>(
    `select symbol, to_char(day, 'YYYY-MM-DD') as day, expected::int, due::int, present::int, repaired::int,
            no_trade::int as "noTrade", (due - present - no_trade)::int as missing
     from (${COUNTED} where feed = $1 and day between $2::date and $3::date and ($4::text[] is null or symbol = any($4))) as counted
     order by day, symbol collate "C"`,
    [question.feed, question.from, question.through, question.symbols ?? null],
  )
  return rows
}

export type SessionLedger = LedgerCount & { readonly day: SessionDate; readonly symbols: number; readonly symbolsMissing: number }

/** One row for each session: minutes added up over its symbols, and how many symbols miss any. */
export async function sessionLedgers(sql: Sql, question: LedgerQuestion): Promise<SessionLedger[]> {
  const { rows } = await sql.query<SessionLedger>(
    `select to_char(day, 'YYYY-MM-DD') as day, count(*)::int as symbols, sum(expected)::int as expected, sum(due)::int as due,
            sum(present)::int as present, sum(repaired)::int as repaired, sum(no_trade)::int as "noTrade",
            sum(due - present - no_trade)::int as missing,
            (count(*) filter (where due - present - no_trade > 0))::int as "symbolsMissing"
     from (${COUNTED} where feed = $1 and day between $2::date and $3::date and ($4::text[] is null or symbol = any($4))) as counted
     group by day order by day`,
    [question.feed, question.from, question.through, question.symbols ?? null],
  )
  return rows
}

export type MinuteState = 'present' | 'repaired' | 'no-trade' | 'missing' | 'not-due'

/** Minutes of one state that follow each other: those that open in [from, until). */
export type LedgerRun = {
  readonly from: EpochMs
  readonly until: EpochMs
  readonly state: MinuteState
  /** Why they are missing or were repaired, where a gap of the stream tells. */
  readonly cause: string | undefined
}

/** Every minute of one symbol's session, in runs; undefined when the ledger knows nothing of it. */
export async function minutesOfSymbol(
  sql: Sql,
  { feed, symbol, session }: { readonly feed: Feed; readonly symbol: Symbol_; readonly session: Session },
): Promise<LedgerRun[] | undefined> {
  const { rows } = await sql.query<{ due: number; present: string; repaired: string; no_trade: string }>(
    `select due, present::text, repaired::text, no_trade::text from spreadworks.bar_ledger
     where symbol = $1 and day = $2::date and feed = $3`,
    [symbol, session.date, feed],
  )
  const [row] = rows
  if (row === undefined) return undefined
  const gaps = await gapsBetween(sql, { feed, from: session.opensAt, until: session.closesAt })
  const [present, repaired, noTrade] = [row.present, row.repaired, row.no_trade].map((text) => Buffer.from(text, 'latin1'))
  const stateOf = (minute: number): MinuteState => {
    if (isSet(repaired, minute)) return 'repaired'
    if (isSet(present, minute)) return 'present'
    if (isSet(noTrade, minute)) return 'no-trade'
    return minute < row.due ? 'missing' : 'not-due'
  }
  return runsOf(session, { minutes: present.length, stateOf, gaps })
}

function runsOf(
  session: Session,
  {
    minutes,
    stateOf,
    gaps,
  }: { readonly minutes: number; readonly stateOf: (minute: number) => MinuteState; readonly gaps: readonly Gap[] },
): LedgerRun[] {
  const runs: LedgerRun[] = []
  for (let minute = 0; minute < minutes; minute++) {
    const from = epochMs(session.opensAt + minute * MINUTE_MS)
    const until = epochMs(from + MINUTE_MS)
    const state = stateOf(minute)
    const isExplained = state === 'missing' || state === 'repaired'
    const cause = isExplained
      ? gaps.find((gap) => gap.from <= from && from < (gap.until ?? Number.POSITIVE_INFINITY))?.cause
      : undefined
    const last = runs.at(-1)
    if (last?.state === state && last.cause === cause) runs[runs.length - 1] = { ...last, until }
    else runs.push({ from, until, state, cause })
  }
  return runs
}
