import type pg from 'pg'
import type { Sql } from '#database/connection.client.ts'
import { inTransaction } from '#database/transaction.store.ts'
import type { Book } from '#domain/book.ts'
import { type EpochMs, epochMs, isoFrom, MINUTE_MS } from '#domain/units.ts'
import type { ChannelName, Severity } from './alert.ts'
import { type Delivery, DIGEST, nextParcel, type Parcel } from './delivery.ts'

/** A parcel that this process sends until `leasedUntil`; after that another may. */
export type Claim = Parcel & { readonly attempts: number; readonly leasedUntil: EpochMs }

/** How a try ended: sent, tried again at an instant, or given up. */
export type Settlement =
  | { readonly kind: 'sent' }
  | { readonly kind: 'again'; readonly at: EpochMs; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }

/** So many waiting deliveries are looked at in one claim. */
const LOOKED_AT = 500

/**
 * Makes a delivery for each channel of `least` of every open alert that nobody was told of, and of those that were raised again
 * `repeatAfterMs` after that and that nobody has acknowledged. Alerts of rehearsals and backtests stay on the page.
 */
export async function planDeliveries(
  sql: Sql,
  now: EpochMs,
  { least, repeatAfterMs }: { readonly least: Readonly<Partial<Record<ChannelName, Severity>>>; readonly repeatAfterMs: number },
): Promise<void> {
  const channels = Object.entries(least)
  await sql.query(
    `with told as (
       update spreadworks.alerts set told_at = $1::timestamptz where id in (
         select id from spreadworks.alerts
         where resolved_at is null and acknowledged_at is null and (book is null or book in ('live', 'paper'))
           and (told_at is null or last_at >= told_at + $2 * interval '1 millisecond')
         for update skip locked)
       returning id, severity
     )
     insert into spreadworks.alert_deliveries (id, alert, channel, what, state, due_at)
     select encode(sha256(convert_to(concat_ws('/', told.id, channel, 'raised', $1::timestamptz at time zone 'UTC'), 'UTF8')), 'hex'),
       told.id, channel, 'raised', 'due', $1::timestamptz
     from told join unnest($3::text[], $4::text[]) as route (channel, least)
       on array_position(array['info', 'warning', 'critical'], told.severity)
          >= array_position(array['info', 'warning', 'critical'], least)
     on conflict (id) do nothing`,
    [isoFrom(now), repeatAfterMs, channels.map(([channel]) => channel), channels.map(([, severity]) => severity)],
  )
}

/** Holds what is due and not critical back until `until`, the end of quiet hours. What is being tried again is not held. */
export async function holdDeliveries(sql: Sql, now: EpochMs, until: EpochMs): Promise<void> {
  await sql.query(
    `update spreadworks.alert_deliveries as d set state = 'held', due_at = $2 from spreadworks.alerts as a
     where a.id = d.alert and a.severity <> 'critical' and d.state = 'due' and d.message is null and d.due_at <= $1`,
    [isoFrom(now), isoFrom(until)],
  )
}

/**
 * Takes what goes out next on `channel`, or undefined: what is due, what was held until now, and what a process took and did not
 * settle within its lease. Rows that another process is taking are left to it, so each is taken once.
 */
export async function claimParcel(
  pool: pg.Pool,
  channel: ChannelName,
  { leaseMs, mostAMinute, ...look }: Look & { readonly leaseMs: number; readonly mostAMinute: number },
): Promise<Claim | undefined> {
  return inTransaction(pool, async (sql) => {
    const { now } = look
    const waiting = await waitingOn(sql, channel, look)
    const parcel = nextParcel(waiting, await sentRecently(sql, channel, now), mostAMinute)
    if (parcel === undefined) return undefined
    const leasedUntil = epochMs(now + leaseMs)
    await sql.query(
      `update spreadworks.alert_deliveries set state = 'sending', attempts = attempts + 1, message = $2, leased_until = $3
       where id = any($1)`,
      [parcel.deliveries.map(({ id }) => id), parcel.id, isoFrom(leasedUntil)],
    )
    const attempts = 1 + Math.max(...parcel.deliveries.map((delivery) => delivery.attempts))
    return { ...parcel, attempts, leasedUntil }
  })
}

/** Writes down how a try ended; nothing when its lease was over and another process has taken it. */
export async function settleParcel(sql: Sql, claim: Claim, settlement: Settlement, now: EpochMs): Promise<void> {
  const error = settlement.kind === 'sent' ? null : settlement.error
  const dueAt = settlement.kind === 'again' ? isoFrom(settlement.at) : null
  const state = settlement.kind === 'again' ? 'due' : settlement.kind
  await sql.query(
    `update spreadworks.alert_deliveries set state = $3, error = $4, leased_until = null,
       due_at = coalesce($5::timestamptz, due_at), sent_at = case when $3 = 'sent' then $6::timestamptz end
     where message = $1 and state = 'sending' and leased_until = $2 and id = any($7)`,
    [claim.id, isoFrom(claim.leasedUntil), state, error, dueAt, isoFrom(now), claim.deliveries.map(({ id }) => id)],
  )
}

type WaitingRow = {
  readonly id: string
  readonly what: 'raised' | 'resolved'
  readonly state: 'due' | 'sending' | 'held'
  readonly attempts: number
  readonly message: string | null
  readonly alert: string
  readonly key: string
  readonly severity: Severity
  readonly title: string
  readonly body: string
  readonly book: Book | null
  readonly flow: string | null
  readonly run_id: string | null
  readonly times: number
  readonly at: Date
  readonly last_at: Date
  readonly resolved_at: Date | null
}

/** In quiet hours what is not critical waits, but for what is being tried again. */
type Look = { readonly now: EpochMs; readonly isQuiet: boolean }

/** What was tried before comes first, so that all of one message is among what is looked at. */
async function waitingOn(sql: Sql, channel: ChannelName, { now, isQuiet }: Look): Promise<Delivery[]> {
  const { rows } = await sql.query<WaitingRow>(
    `select d.id, d.what, d.state, d.attempts, d.message, d.alert, a.key, a.severity, a.title, a.body, a.book, a.flow, a.run_id,
       a.times, a.at, a.last_at, a.resolved_at
     from spreadworks.alert_deliveries as d join spreadworks.alerts as a on a.id = d.alert
     where d.channel = $1 and ((d.state in ('due', 'held') and d.due_at <= $2) or (d.state = 'sending' and d.leased_until <= $2))
       and (not $4 or a.severity = 'critical' or d.message is not null)
     order by d.message is null, d.due_at, d.message, d.id limit $3
     for update of d skip locked`,
    [channel, isoFrom(now), LOOKED_AT, isQuiet],
  )
  return rows.map(deliveryOf)
}

function deliveryOf(row: WaitingRow): Delivery {
  return {
    ...{ id: row.id, what: row.what, message: row.message ?? undefined, isHeld: row.state === 'held', attempts: row.attempts },
    alert: {
      ...{ id: row.alert, key: row.key, severity: row.severity, title: row.title, body: row.body, times: row.times },
      ...(row.book === null ? {} : { book: row.book }),
      ...(row.flow === null ? {} : { flow: row.flow }),
      ...(row.run_id === null ? {} : { runId: row.run_id }),
      at: epochMs(row.at.getTime()),
      lastAt: epochMs(row.last_at.getTime()),
      resolvedAt: row.resolved_at === null ? undefined : epochMs(row.resolved_at.getTime()),
    },
  }
}

async function sentRecently(sql: Sql, channel: ChannelName, now: EpochMs) {
  const { rows } = await sql.query<{ messages: number; had_digest: boolean }>(
    `select count(distinct message)::int as messages, coalesce(bool_or(starts_with(message, $3)), false) as had_digest
     from spreadworks.alert_deliveries where channel = $1 and state = 'sent' and sent_at > $2`,
    [channel, isoFrom(epochMs(now - MINUTE_MS)), DIGEST],
  )
  const [found] = rows
  return { messages: found?.messages ?? 0, hadDigest: found?.had_digest === true }
}
