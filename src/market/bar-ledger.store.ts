import type { Sql } from '#database/connection.client.ts'
import type { Feed } from '#domain/bars.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { type MinuteBits, minutesBefore, minutesWithin, noMinutes } from './minute-bits.ts'

// The expected-bar ledger of 1-minute bars: what became of every minute of a session in which a symbol could have a bar.
// A minute is `present`; or `repaired`: present, but only since it was asked for after it was missed; or `no-trade`: a source
// answered for that time and had no bar; or `missing`. From `due` on the minutes of a session have not been judged yet.

/** Which session of which feed a ledger row is about. */
export type LedgerPage = { readonly feed: Feed; readonly session: Session }

/** Bars of one symbol that came in. `repaired`: of these, what had been missed before. */
export type LedgerMarks = { readonly symbol: Symbol_; readonly present: MinuteBits; readonly repaired: MinuteBits }

const MARK = `
insert into spreadworks.bar_ledger as kept (symbol, day, feed, minutes, due, present, repaired, no_trade)
select symbol, $1::date, $2, $3, $4, present::bit varying, repaired::bit varying & present::bit varying, $5::bit varying
from unnest($6::text[], $7::text[], $8::text[]) as given (symbol, present, repaired)
order by symbol
on conflict (symbol, day, feed) do update
  set due = greatest(kept.due, excluded.due),
      present = kept.present | excluded.present,
      repaired = kept.repaired | (excluded.repaired & ~kept.present),
      no_trade = kept.no_trade & ~excluded.present,
      updated_at = clock_timestamp()`

/**
 * Notes which minutes of a session came in, for every symbol that was expected, with all of its minutes that open before
 * `due` judged. A minute once present stays so; `repaired` counts only where the minute was not present before.
 */
export async function markPresent(
  sql: Sql,
  { feed, session }: LedgerPage,
  { marks, due }: { readonly marks: readonly LedgerMarks[]; readonly due: EpochMs },
): Promise<void> {
  if (marks.length === 0) return
  await sql.query(MARK, [
    ...[session.date, feed, minutesOf(session), minutesBefore(session, due), noMinutes(session).toString('latin1')],
    marks.map(({ symbol }) => symbol),
    marks.map(({ present }) => present.toString('latin1')),
    marks.map(({ repaired }) => repaired.toString('latin1')),
  ])
}

const MARK_NO_TRADE = `
insert into spreadworks.bar_ledger as kept (symbol, day, feed, minutes, due, present, repaired, no_trade)
select symbol, $1::date, $2, $3, $4, $5::bit varying, $5::bit varying, $6::bit varying
from unnest($7::text[]) as given (symbol)
order by symbol
on conflict (symbol, day, feed) do update
  set due = greatest(kept.due, excluded.due), no_trade = kept.no_trade | (excluded.no_trade & ~kept.present),
      updated_at = clock_timestamp()`

/**
 * Notes that a source has answered for `symbols` and every minute that opens in [from, until): those that are not present
 * had no trade. Mark the bars of the answer as present first.
 */
export async function markAnswered(
  sql: Sql,
  { feed, session }: LedgerPage,
  { symbols, from, until }: { readonly symbols: readonly Symbol_[]; readonly from: EpochMs; readonly until: EpochMs },
): Promise<void> {
  const asked = minutesWithin(session, from, until)
  if (symbols.length === 0) return
  await sql.query(MARK_NO_TRADE, [
    ...[session.date, feed, minutesOf(session), minutesBefore(session, until), noMinutes(session).toString('latin1')],
    asked.toString('latin1'),
    [...new Set(symbols)],
  ])
}

const PRESENT_FROM_BARS = `
insert into spreadworks.bar_ledger as kept (symbol, day, feed, minutes, due, present, repaired, no_trade)
select symbol, $1::date, $2, $3, $4,
       (select coalesce(bit_or(set_bit($5::bit varying, (extract(epoch from b.opened_at - $6)::int / 60), 1)),
                        $5::bit varying)
        from spreadworks.bars as b
        where b.symbol = given.symbol and b.timeframe = '1m' and b.feed = $2 and b.opened_at >= $6 and b.opened_at < $7
        and b.opened_at = date_trunc('minute', b.opened_at)),
       $5::bit varying, $5::bit varying
from unnest($8::text[]) as given (symbol)
order by symbol
on conflict (symbol, day, feed) do update
  set due = greatest(kept.due, excluded.due), present = excluded.present, repaired = kept.repaired & excluded.present,
      no_trade = kept.no_trade & ~excluded.present, updated_at = clock_timestamp()`

/**
 * Notes what the stored bars themselves say of `symbols`, whoever wrote them: after an import, or when a process was killed
 * between storing bars and noting them. Minutes that open before `due` count as judged.
 */
export async function markStored(
  sql: Sql,
  { feed, session }: LedgerPage,
  { symbols, due }: { readonly symbols: readonly Symbol_[]; readonly due: EpochMs },
): Promise<void> {
  const { date, opensAt, closesAt } = session
  await sql.query(PRESENT_FROM_BARS, [
    ...[date, feed, minutesOf(session), minutesBefore(session, due), noMinutes(session).toString('latin1')],
    ...[new Date(opensAt), new Date(closesAt), [...new Set(symbols)]],
  ])
}

/** A time for which a feed's bars are to be asked again. */
export type Hole = { readonly symbol: Symbol_; readonly from: EpochMs; readonly until: EpochMs }

const HOLES = `
select symbol, position(B'1' in missing) - 1 as first, length(missing) - position('1' in reverse(missing::text)) as last
from (select symbol, ~(present | no_trade) & (repeat('1', due) || repeat('0', minutes - due))::bit varying as missing
      from spreadworks.bar_ledger where feed = $1 and day = $2::date and ($3::text[] is null or symbol = any($3))) as rows
where position(B'1' in missing) > 0
order by symbol collate "C"`

/** The symbols that miss minutes of a session, each with the time from its first to its last missing one; of all symbols unless some are given. */
export async function holesIn(sql: Sql, { feed, session }: LedgerPage, symbols: readonly Symbol_[] | undefined): Promise<Hole[]> {
  const { rows } = await sql.query<{ symbol: Symbol_; first: number; last: number }>(HOLES, [
    ...[feed, session.date, symbols ?? null],
  ])
  return rows.map(({ symbol, first, last }) => ({
    symbol,
    from: epochMs(session.opensAt + first * MINUTE_MS),
    until: epochMs(session.opensAt + (last + 1) * MINUTE_MS),
  }))
}

/** Removes what the ledger says of sessions before `day`; returns how many rows. */
export async function forgetLedgerBefore(sql: Sql, day: SessionDate): Promise<number> {
  const { rowCount } = await sql.query('delete from spreadworks.bar_ledger where day < $1::date', [day])
  return rowCount ?? 0
}
