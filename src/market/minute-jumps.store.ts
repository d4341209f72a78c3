import type { Pool } from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { Feed } from '#domain/bars.ts'
import { newYorkInstant } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { type BelievedClose, type JumpEvent, judgeMinutes, type MinuteClose } from './minute-jumps.ts'
import { addAudit } from './quarantine.store.ts'
import { splitsOf } from './splits.store.ts'

/** Who writes to the audit. */
const BY = 'minute check'
/** A close older than this says nothing of today's. */
const BELIEVED_FOR = '10 days'

/** Holds minutes back that jump, before they are stored. */
export type JumpKeeper = {
  /** Judges minutes that are about to be stored; when it resolves, those that jump are held back. Done twice it changes nothing. */
  readonly look: (minutes: Iterable<MinuteClose>) => Promise<void>
}

export type JumpTerms = {
  readonly pool: Pool
  readonly feed: Feed
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly now: () => EpochMs
  /** Told, in a sentence, of symbols that jumped. */
  readonly onHeld: (sentence: string) => void
}

/**
 * Judges minutes of a session against the last close of the same feed that is believed, of the last ten days and divided by
 * the splits since that anybody has told of; goes on with the jumps that an earlier process found in this session.
 */
export async function openJumpKeeper(terms: JumpTerms): Promise<JumpKeeper> {
  const { pool, feed, session, now } = terms
  const judge = judgeMinutes(feed, { closes: await believedCloses(terms), jumped: await openJumps(pool, feed, session) })
  const events: JumpEvent[] = []
  let writing: Promise<void> = Promise.resolve()
  const write = async () => {
    const held: JumpEvent[] = []
    for (let event = events[0]; event !== undefined; event = events[0]) {
      if (await keep(pool, event, { feed, session, at: now() })) held.push(event)
      events.shift()
    }
    if (held.length > 0) terms.onHeld(heldSentence(feed, held))
  }
  return {
    look: async (minutes) => {
      for (const minute of minutes) for (const event of judge(minute)) events.push(event)
      if (events.length === 0) return
      // One after the other; what failed before is still among the events and is tried again.
      writing = writing.catch(() => undefined).then(write)
      await writing
    },
  }
}

const BELIEVED = `
select given.symbol, last.opened_at, last.close
from unnest($1::text[]) as given (symbol)
cross join lateral (
  select opened_at, close from (
    (select opened_at, opened_at as known_at, close from spreadworks.trusted_bars
     where symbol = given.symbol and timeframe = '1m' and feed = $2 and opened_at < $3 and opened_at >= $3 - $4::interval
     order by opened_at desc limit 1)
    union all
    (select opened_at, opened_at + interval '6 hours', close from spreadworks.trusted_bars
     where symbol = given.symbol and timeframe = '1d' and feed = $2 and opened_at < $5 and opened_at >= $3 - $4::interval
     order by opened_at desc limit 1)
  ) as known order by known_at desc limit 1
) as last`

async function believedCloses({ pool, feed, session, symbols, now }: JumpTerms): Promise<Map<Symbol_, BelievedClose>> {
  const splits = await splitsOf(pool, symbols)
  const { rows } = await pool.query<{ symbol: Symbol_; opened_at: Date; close: number }>(BELIEVED, [
    ...[symbols, feed, new Date(now()), BELIEVED_FOR, new Date(session.opensAt)],
  ])
  return new Map(
    rows.map(({ symbol, opened_at: openedAt, close }) => {
      const since = (splits.get(symbol) ?? []).filter(
        ({ effectiveOn }) => newYorkInstant(effectiveOn, '00:00') > openedAt.getTime() && effectiveOn <= session.date,
      )
      const factor = since.reduce((product, { newPerOld }) => product * newPerOld, 1)
      return [symbol, { openedAt: epochMs(openedAt.getTime()), close: close / factor }]
    }),
  )
}

async function openJumps(sql: Sql, feed: Feed, { date }: Session) {
  const { rows } = await sql.query<{ id: string; symbol: Symbol_; from_at: Date }>(
    `select id, symbol, from_at from spreadworks.quarantine
     where feed = $1 and first_day = $2::date and rule = 'minute-jump' and state in ('held', 'rejected') order by from_at`,
    [feed, date],
  )
  return rows.map(({ id, symbol, from_at: from }) => ({ id, symbol, from: epochMs(from.getTime()) }))
}

type Kept = { readonly feed: Feed; readonly session: Session; readonly at: EpochMs }

const HOLD = `
insert into spreadworks.quarantine as q (id, symbol, feed, other_feed, rule, first_day, last_day, from_at, until_at, evidence, state, found_at, changed_at)
values ($1, $2, $3, $3, 'minute-jump', $4, $4, $5, $6, $7, 'held', $8, $8)
on conflict (id) do update set rule = 'minute-jump', until_at = excluded.until_at, state = 'held', changed_at = excluded.changed_at
where q.state = 'withdrawn'`

/** Brings the quarantine to what an event says; whether something new is held back. */
function keep(pool: Pool, event: JumpEvent, { feed, session, at }: Kept): Promise<boolean> {
  const { id, symbol } = event
  return inTransaction(pool, async (sql) => {
    switch (event.kind) {
      case 'jumped': {
        const { openedAt, close, believed } = event
        const days = [{ date: session.date, own: close, other: believed, isHeld: true }]
        const evidence = JSON.stringify({ sessions: 1, factor: close / believed, newPerOld: null, days })
        const span = [new Date(openedAt), new Date(midnightAfter(session.date))]
        const { rowCount } = await sql.query(HOLD, [id, symbol, feed, session.date, ...span, evidence, new Date(at)])
        if (rowCount === 0) return false
        const note = `${feed} went from ${believed} to ${close} in the minute of ${isoFrom(openedAt)}.`
        await addAudit(sql, id, { at, by: BY, action: 'held', note })
        return true
      }
      case 'came-back':
        await sql.query(
          `update spreadworks.quarantine set rule = 'minute-spike', until_at = $2, changed_at = $3 where id = $1 and rule = 'minute-jump'`,
          [id, new Date(event.openedAt), new Date(at)],
        )
        return false
      case 'corrected': {
        const { rowCount } = await sql.query(
          `update spreadworks.quarantine set state = 'withdrawn', changed_at = $2 where id = $1 and state in ('held', 'rejected')`,
          [id, new Date(at)],
        )
        const note = 'The feed corrected every minute of it.'
        if (rowCount !== 0) await addAudit(sql, id, { at, by: BY, action: 'withdrawn', note })
        return false
      }
      default:
        return event satisfies never
    }
  })
}

function midnightAfter(date: SessionDate): EpochMs {
  return newYorkInstant(Temporal.PlainDate.from(date).add({ days: 1 }).toString() as SessionDate, '00:00')
}

/** So many symbols stand in a sentence. */
const NAMED = 5

function heldSentence(feed: Feed, held: readonly JumpEvent[]): string {
  const names = [...new Set(held.map(({ symbol }) => symbol))]
  const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${feed} moved ${names.slice(0, NAMED).join(', ')}${rest} by more than a factor of 1.4 within a minute; nothing reads that until it is confirmed (quarantine list).`
}
