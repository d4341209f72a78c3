import assert from 'node:assert/strict'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { collecting, type Mischief } from '#market/collected-session.server.ts'
import { sessionLedgers } from '#market/ledger-views.store.ts'
import { onOwnServer } from '../../bench/own-server.ts'
import type { Soak, SoakTerms } from './soak.ts'

const SYMBOLS = Array.from({ length: 20 }, (_, i) => `S${String(i).padStart(2, '0')}` as Symbol_)
/** A month, with a half day in it. */
const SESSIONS = sessionsBetween('2018-06-18' as SessionDate, '2018-07-17' as SessionDate)
/** How much more heap the last sessions may take than the first ones did, after as many of them. */
const MOST_GROWTH_MB = 30

/**
 * A month of sessions, each collected twice: undisturbed, and with drops, refusals, mute streams, unanswered questions and
 * half-sent minutes at random. The tables must be the same byte for byte, every minute accounted for, never two sockets open,
 * and memory flat from the first session to the last.
 */
export const marketStream: Soak = {
  name: 'market-stream',
  run: (terms) => onOwnServer((database) => month(database, terms)),
}

async function month(database: Database, { seed, part, parts, tell }: SoakTerms): Promise<void> {
  const heaps: number[] = []
  for (const [i, session] of SESSIONS.entries()) {
    if (i % parts !== part - 1) continue
    const calm = await tableOf(database, session, seed + i)
    const random = randomStream(seed + i, 'soak')
    const disturbed = await tableOf(database, session, seed + i, (market, minute, before) => {
      if (random.uniform() < 0.1) market.drop()
      if (before === 'corrections') return
      market.faults.isRefusing = random.uniform() < (market.faults.isRefusing ? 0.7 : 0.1)
      market.faults.isMute = random.uniform() < 0.1
      market.faults.isDown = random.uniform() < 0.1
      if (random.uniform() < 0.1) market.send('b', minute, random.below(SYMBOLS.length))
    })
    assert.equal(disturbed.text, calm.text, `${session.date}: the disturbed table differs`)
    assert.equal(disturbed.missing, 0, `${session.date}: minutes are missing`)
    assert.equal(disturbed.sockets, 1, `${session.date}: ${disturbed.sockets} sockets were open at once`)
    globalThis.gc?.()
    heaps.push(Math.round(process.memoryUsage().heapUsed / 1e6))
    tell(`${session.date} same table, ${disturbed.gaps} gaps, ${disturbed.repaired} bars repaired, heap ${heaps.at(-1)} MB`)
  }
  const third = Math.ceil(heaps.length / 3)
  const grown = Math.min(...heaps.slice(-third)) - Math.max(...heaps.slice(0, third))
  assert.ok(grown <= MOST_GROWTH_MB, `the heap grew by ${grown} MB`)
}

/** The bars of a session collected with `mischief`, as text, and what the ledger says of it. Leaves the tables empty. */
async function tableOf({ pool }: Database, session: Session, seed: number, mischief?: Mischief) {
  const one = await collecting({ pool, session, symbols: SYMBOLS, traded: SYMBOLS, seed })
  await one.run(0, minutesOf(session), mischief)
  Object.assign(one.market.faults, { isRefusing: false, isMute: false, isDown: false })
  const report = await one.finish()
  const { rows } = await pool.query<{ text: string }>(
    `select string_agg((to_jsonb(b) - 'received_at')::text, E'\n' order by symbol collate "C", opened_at) as text from spreadworks.bars as b`,
  )
  const [ledger] = await sessionLedgers(pool, { feed: 'iex', from: session.date, through: session.date, symbols: undefined })
  const sockets = one.market.mostSockets()
  await one.stop()
  await pool.query('truncate spreadworks.bars, spreadworks.bar_revisions, spreadworks.bar_ledger, spreadworks.bar_gaps')
  return { text: rows[0]?.text, missing: ledger?.missing, sockets, gaps: report.gaps, repaired: report.repaired }
}
