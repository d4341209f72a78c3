import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '#database/connection.client.ts'
import { sessionOn } from '#domain/calendar.ts'
import { randomStream } from '#domain/random.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { epochMs, MINUTE_MS } from '#domain/units.ts'
import { freshDatabase } from '../../test/database.ts'
import { gapsBetween } from './bar-gaps.store.ts'
import { collecting, type Driven } from './collected-session.server.ts'
import { sessionLedgers, symbolLedgers } from './ledger-views.store.ts'

let database: Database
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.pool.query('truncate spreadworks.bars, spreadworks.bar_revisions, spreadworks.bar_ledger, spreadworks.bar_gaps')
})
const driven: Driven[] = []
afterEach(async () => {
  for (const one of driven.splice(0)) await one.stop()
})

const DAY = '2018-03-28' as SessionDate
const session = sessionOn(DAY) as Session
const symbols = ['KO', 'PEP', 'XOM'] as Symbol_[]
const whole = { feed: 'iex', from: DAY, through: DAY, symbols: undefined }

async function collect(seed: number, traded = symbols) {
  const one = await collecting({ pool: database.pool, session, symbols, traded, seed })
  driven.push(one)
  return one
}

async function stored() {
  const { rows } = await database.pool.query(
    `select symbol, ((extract(epoch from opened_at) * 1000 - $1) / 60000)::int as minute, close
     from spreadworks.bars where feed = 'iex' order by symbol collate "C", opened_at`,
    [session.opensAt],
  )
  return rows.map((row) => `${row.symbol} ${row.minute} ${row.close}`)
}

/** What the market knows in the end of minutes before `until`, as `stored` tells it. */
function finalOf(one: Driven, until: number) {
  const bars = one.market.final().filter(({ minute }) => minute < until)
  return bars.map(({ symbol, minute, close }) => `${symbol} ${minute} ${close}`)
}

/** Lets what was asked be answered and stored, which takes no more of the market's time: minutes before `until` are as they are in the end. */
async function toBeWhole(one: Driven, until: number) {
  const expected = finalOf(one, until).join()
  for (let looks = 0; looks < 500 && (await stored()).join() !== expected; looks++) await one.pass(10, 10)
  expect(await stored()).toEqual(finalOf(one, until))
}

/** The whole table but when each bar became known, as bytes. */
async function tableText() {
  const { rows } = await database.pool.query(
    `select string_agg((to_jsonb(b) - 'received_at')::text, E'\n' order by symbol collate "C", opened_at) as text from spreadworks.bars as b`,
  )
  return rows[0].text
}

describe('a collected session', () => {
  test('stores every bar and correction, and ends with the very same table after drops, refusals, mute and unanswered times', async () => {
    const calm = await collect(11)
    await calm.run(0, 390)
    const quiet = await calm.finish()
    const present = calm.market.final().length
    expect(await stored()).toEqual(finalOf(calm, 390))
    expect(quiet).toMatchObject({ gaps: 0, repaired: 0, symbolsMissing: 0 })
    const { rows } = await database.pool.query('select count(*)::int as revisions from spreadworks.bar_revisions')
    expect(rows).toEqual([{ revisions: quiet.revised }])
    expect(await sessionLedgers(database.pool, whole)).toEqual([
      {
        ...{ day: DAY, symbols: 3, symbolsMissing: 0, expected: 1170, due: 1170 },
        ...{ present, repaired: 0, noTrade: 1170 - present, missing: 0 },
      },
    ])
    expect(calm.alerts).toEqual([])
    const undisturbed = await tableText()
    await database.pool.query('truncate spreadworks.bars, spreadworks.bar_revisions, spreadworks.bar_ledger')

    const random = randomStream(11, 'mischief')
    const one = await collect(11)
    await one.run(0, 390, (market, minute, before) => {
      if (random.uniform() < 0.1) market.drop()
      if (before === 'corrections') return
      market.faults.isRefusing = random.uniform() < (market.faults.isRefusing ? 0.7 : 0.1)
      market.faults.isMute = random.uniform() < 0.1
      market.faults.isDown = random.uniform() < 0.1
      if (random.uniform() < 0.1) market.send('b', minute, 1)
    })
    Object.assign(one.market.faults, { isRefusing: false, isMute: false, isDown: false })
    const report = await one.finish()
    expect(await tableText()).toBe(undisturbed)
    expect(report.gaps).toBeGreaterThan(10)
    expect(report.repaired).toBeGreaterThan(50)
    expect(one.market.mostSockets()).toBe(1)
    expect(await sessionLedgers(database.pool, whole)).toMatchObject([{ due: 1170, missing: 0, symbolsMissing: 0, present }])
  })

  test('gets the corrections, too, that it missed in breaks of several minutes', async () => {
    const one = await collect(2)
    await one.run(0, 60, (market, minute, before) => {
      if (minute % 10 === 5 && before === 'corrections') {
        market.faults.isRefusing = true
        market.drop()
      }
      if (minute % 10 === 8) market.faults.isRefusing = false
    })
    await toBeWhole(one, 60)
  })

  test('whose stream falls mute is told so, connected again and made whole within 75 s', async () => {
    const one = await collect(3)
    await one.run(0, 20)
    await one.pass(session.opensAt + 21 * MINUTE_MS - one.timer.now())
    await one.send('b', 20)
    const began = one.timer.now()
    one.market.faults.isMute = true
    for (; one.alerts.length === 0; await one.pass(250, 250));
    expect(one.alerts[0]?.at).toBeLessThanOrEqual(began + 75_000)
    expect(one.alerts[0]?.title).toBe('Market stream mute')
    one.market.faults.isMute = false
    // Nobody hears what is sent while this end hangs up.
    await one.send('b', 20)
    const expected = finalOf(one, 22).length
    for (; (await stored()).length < expected; await one.pass(20, 20));
    expect(one.timer.now()).toBeLessThanOrEqual(began + 75_000)
    await one.run(22, 30)
    await toBeWhole(one, 30)
    expect(one.market.dials()).toBe(2)
    expect(await gapsBetween(database.pool, { feed: 'iex', from: session.opensAt, until: session.closesAt })).toMatchObject([
      { cause: expect.stringContaining('told nothing'), repairedAt: expect.anything() },
    ])
  })

  test('in which nothing trades is left alone', async () => {
    const one = await collect(4, [])
    await one.pass(20 * MINUTE_MS)
    expect(one.alerts).toEqual([])
    expect(one.market.dials()).toBe(1)
  })

  test('that is begun in its middle, or again after a kill, asks for what is missing', async () => {
    const first = await collect(5)
    await first.run(0, 60)
    await first.stop()
    await database.pool.query(`delete from spreadworks.bars where symbol = 'KO' and opened_at < $1`, [
      new Date(session.opensAt + 5 * MINUTE_MS),
    ])
    const second = await collect(5)
    await second.timer.advance(100 * MINUTE_MS)
    await second.run(100, 110)
    await toBeWhole(second, 110)
    await second.stop()
    const [ko] = await symbolLedgers(database.pool, { ...whole, symbols: [symbols[0]] })
    expect(ko).toMatchObject({ due: 110, present: finalOf(second, 110).filter((bar) => bar.startsWith('KO')).length })
    expect(ko?.repaired).toBeGreaterThan(30)
  })

  test('that is ended while its questions are not answered ends at once, and tells of no trouble', async () => {
    const one = await collect(7)
    await one.run(0, 3)
    one.market.faults.isDown = true
    one.market.drop()
    for (const asked = one.market.questions(); one.market.questions() === asked; await one.pass(250, 250));
    // No time passes any more, in which the question would be asked again.
    await one.stop()
    expect(one.alerts).toEqual([])
    expect(await stored()).toEqual(finalOf(one, 3))
  }, 2_000)

  test('raises an alert once when its stream stays away', async () => {
    const one = await collect(6)
    await one.run(0, 3)
    one.market.faults.isRefusing = true
    one.market.drop()
    await one.pass(5 * MINUTE_MS)
    expect(one.alerts.map(({ title }) => title)).toEqual(['Market stream away'])
    expect(one.alerts[0]?.at).toBeLessThanOrEqual(epochMs(session.opensAt + 3 * MINUTE_MS + 150_000))
  })
})
