import { z } from 'zod'
import type { Sql } from '#database/connection.client.ts'
import type { SignalView, TickSummary } from './views.ts'

/** The newest signals of a book, newest first, at most `limit`. */
export async function signalsOf(sql: Sql, book: string, limit: number): Promise<SignalView[]> {
  const { rows } = await sql.query<SignalRow>(`${SIGNALS} where s.book = $1 order by s.at desc, s.pair limit $2`, [book, limit])
  return rows.map(signalFrom)
}

/**
 * The newest signals that say something new: entries and exits, and the first of a run of `stand-aside`. Looks back over
 * the last 3,000 signals of the book; newest first, at most `limit`.
 */
export async function tellingSignals(sql: Sql, book: string, limit: number): Promise<SignalView[]> {
  const { rows } = await sql.query<SignalRow>(
    `with recent as (
       select id, at, pair, kind, lag(kind) over (partition by pair order by at) as before
       from (select id, at, pair, kind from spreadworks.signals where book = $1 order by at desc limit 3000) as last
     ), telling as (
       select id from recent
       where kind in ('enter-long', 'enter-short', 'exit') or (kind = 'stand-aside' and before is distinct from kind)
       order by at desc, pair limit $2
     )
     ${SIGNALS} where s.id in (select id from telling) order by s.at desc, s.pair`,
    [book, limit],
  )
  return rows.map(signalFrom)
}

/** How many signals of each kind the last tick of a book made, or undefined before its first. */
export async function lastTick(sql: Sql, book: string): Promise<TickSummary | undefined> {
  const { rows } = await sql.query<{ at: number; kind: string; signals: number }>(
    `select (extract(epoch from at) * 1000)::float8 as at, kind, count(*)::int as signals from spreadworks.signals
     where book = $1 and at = (select max(at) from spreadworks.signals where book = $1)
     group by at, kind order by kind`,
    [book],
  )
  const [first] = rows
  return first && { at: first.at, counts: Object.fromEntries(rows.map((row) => [row.kind, row.signals])) }
}

/** The signal of this id, or undefined. */
export async function signalNamed(sql: Sql, id: string): Promise<SignalView | undefined> {
  const { rows } = await sql.query<SignalRow>(`${SIGNALS} where s.id = $1`, [id])
  return rows.map(signalFrom).at(0)
}

type SignalRow = Omit<SignalView, 'reasons'> & { readonly reasons: unknown }

const Reasons = z.array(z.string())

function signalFrom(row: SignalRow): SignalView {
  return { ...row, reasons: Reasons.parse(row.reasons) }
}

const SIGNALS = `
  select s.id, (extract(epoch from s.at) * 1000)::float8 as at, s.pair, s.kind, s.z, s.probability, s.confidence, s.reasons,
    d.verdict, d.reason as refusal
  from spreadworks.signals s
  left join lateral (
    select verdict, reason from spreadworks.risk_decisions where signal_id = s.id and book = s.book order by at desc limit 1
  ) as d on true`
