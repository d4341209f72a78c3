import assert from 'node:assert/strict'
import type { Database } from '#database/connection.client.ts'
import { sessionsBetween } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { sessionLedgers } from '#market/ledger-views.store.ts'
import { onOwnServer } from '../../bench/own-server.ts'
import { collectingAt, emptyTables, tableText } from '../failures/collected-exchange.ts'
import { disturbances, lateTrades } from '../failures/disturbances.ts'
import type { Soak, SoakTerms } from './soak.ts'

const SYMBOLS = Array.from({ length: 10 }, (_, i) => `S${i}` as Symbol_)
/** A month, with a half day in it. */
const SESSIONS = sessionsBetween('2018-06-18' as SessionDate, '2018-07-17' as SessionDate)

/**
 * A month of sessions collected from the exchange stand-in over real sockets, each twice: undisturbed, and with broken
 * connections, refusals, mute minutes and unanswered questions at random. The tables must be the same byte for byte, and every
 * minute accounted for.
 */
export const failuresStream: Soak = {
  name: 'failures-stream',
  run: (terms) => onOwnServer((database) => month(database, terms)),
}

async function month({ pool }: Database, { seed, part, parts, tell }: SoakTerms): Promise<void> {
  for (const [i, session] of SESSIONS.entries()) {
    if (i % parts !== part - 1) continue
    const late = lateTrades(session, seed + i)
    const calm = await tableOf(pool, session, { seed: seed + i, faults: [late] })
    assert.equal(calm.bars, minutesOf(session) * SYMBOLS.length, `${session.date}: the undisturbed table is not whole`)
    const random = randomStream(seed + i, 'failures-stream')
    const faults = [late, ...disturbances(session, { seed: seed + i, breaks: 0.12, random })]
    const disturbed = await tableOf(pool, session, { seed: seed + i, faults })
    assert.equal(disturbed.text, calm.text, `${session.date}: the disturbed table differs`)
    assert.equal(disturbed.missing, 0, `${session.date}: minutes are missing`)
    tell(`${session.date} same table, ${disturbed.gaps} gaps, ${disturbed.repaired} bars repaired`)
  }
}

type Terms = { readonly seed: number; readonly faults: readonly object[] }

/** The bars of a session collected under `faults`, as text, and what the ledger says of it. Leaves the tables empty. */
async function tableOf(pool: Database['pool'], session: Session, terms: Terms) {
  const one = await collectingAt({ pool, session, symbols: SYMBOLS, ...terms })
  const report = await one.finish()
  await one.stop()
  const text = await tableText(pool)
  const [ledger] = await sessionLedgers(pool, { feed: 'iex', from: session.date, through: session.date, symbols: undefined })
  await emptyTables(pool)
  const bars = text.split('\n').length
  return { text, bars, missing: ledger?.missing, gaps: report.gaps, repaired: report.repaired }
}
