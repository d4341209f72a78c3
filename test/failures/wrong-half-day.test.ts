import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionOn } from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { openCollectors } from '#flows/market-stream.steps.ts'
import { gapsBetween } from '#market/bar-gaps.store.ts'
import { sessionLedgers } from '#market/ledger-views.store.ts'
import { exchangeDirectory } from '#sources/alpaca/assets.client.ts'
import { freshDatabase } from '../database.ts'
import { KEYS } from '../exchange.ts'
import { type Collected, collectingAt, emptyTables } from './collected-exchange.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await emptyTables(database.pool)
  await database.pool.query('truncate spreadworks.alerts cascade')
})
const running: Collected[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

const symbols = ['KO', 'XOM'] as Symbol_[]

/** Collects `day` as a process does, from an exchange that tells the other hours of it. */
async function collect(session: Session) {
  const one = await collectingAt({
    ...{ pool: database.pool, session, symbols, seed: 6, faults: [{ kind: 'wrong-half-day', date: session.date }] },
    collect: (dependencies, exchange, signal) => {
      const directory = exchangeDirectory({ tradingUrl: exchange.url, ...KEYS })
      const market = () => ({ ...dependencies, directory })
      const collectors = openCollectors({ sql: database.pool, market, timer: dependencies.timer, say: () => undefined })
      signal.addEventListener('abort', () => collectors.close())
      return collectors.steps.collect({ session, symbols, feed: 'iex' })
    },
  })
  running.push(one)
  return one
}

test.each([
  ['a half day of a full one', '2018-03-28', '09:30–16:00, the exchange 09:30–13:00', 390],
  ['a full day of a half one', '2018-07-03', '09:30–13:00, the exchange 09:30–16:00', 210],
])('an exchange whose calendar makes %s is told of, and the day is collected as it is', async (_, day, said, minutes) => {
  const session = sessionOn(day as SessionDate) as Session
  const one = await collect(session)
  expect(await one.finish()).toMatchObject({ gaps: 0, repaired: 0, symbolsMissing: 0 })
  const { rows } = await database.pool.query('select severity, title, body from spreadworks.alerts')
  expect(rows).toEqual([
    {
      severity: 'critical',
      title: 'The trading calendar differs from the exchange’s',
      body: `1 day differs. ${day}: our calendar says ${said}.`,
    },
  ])
  const range = { feed: 'iex', from: session.date, through: session.date, symbols: undefined }
  const all = minutes * symbols.length
  expect(await sessionLedgers(database.pool, range)).toMatchObject([{ expected: all, due: all, present: all, missing: 0 }])
  expect(await gapsBetween(database.pool, { feed: 'iex', from: session.opensAt, until: session.closesAt })).toEqual([])
})
