import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, databaseAt } from '#database/connection.client.ts'
import { compareCertificates, differenceInWords } from '#desk/certificate.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { loadBook } from '#flows/books.store.ts'
import { rehearsalRunId } from '#flows/rehearsal.ts'
import { planRehearsal, type RehearsalRequest } from '#flows/rehearsal-plan.steps.ts'
import { startRehearsal } from '#house/rehearsals.client.ts'
import { cancelRun } from '#house/runs.client.ts'
import { ScriptedFault } from '../../standins/exchange/faults.ts'
import { freshDatabase } from '../database.ts'
import {
  asked,
  DAY_BEFORE,
  DAYS,
  LAST_DAY,
  openSmallHouse,
  rehearsed,
  SESSIONS,
  type SmallHouse,
  storeSmallMarket,
} from './small-market.ts'

let database: Database
let house: SmallHouse
/** Of the exchanges that are opened next, one each. */
let faults: ScriptedFault[] = []
let first: Awaited<ReturnType<typeof rehearsed>>

beforeAll(async () => {
  database = await freshDatabase()
  await storeSmallMarket(database)
  house = await openSmallHouse(databaseAt(database.url, 5), {}, { exchangeFaults: () => faults.splice(0, 1) })
  first = await rehearsed(house)
})
afterAll(async () => {
  await house.close()
  await database.close()
})

describe('a rehearsal', () => {
  test('trades at least one pair, reports on it and closes a book of its own', async () => {
    const { report, book } = first
    expect(report).toMatchObject({ day: LAST_DAY, source: 'simulated', symbols: 4, stoppedBy: {}, stoppedAtScreen: {} })
    expect(Object.keys(report.pairs).sort()).toEqual(['cointegrated', 'correlated', 'shortlisted', 'tested'])
    expect(report.orders.filled).toBeGreaterThan(1)
    expect(report.bars.replayed).toBe(report.barsStored)
    expect(report.bars.replayed + report.bars.missing).toBe(4 * 210)
    expect((report.pnlUsd.gross - report.pnlUsd.costs).toFixed(2)).toBe(report.pnlUsd.net.toFixed(2))
    expect(await loadBook(database.pool, book)).toMatchObject({ state: 'closed', certificate: first.certificate.hash })
  })

  test('ends with the same certificate again, at a pace too', async () => {
    const paced = await rehearsed(house, { speed: 100_000 })
    expect(differenceInWords(compareCertificates(first.certificate, paced.certificate))).toBe('Both certificates are the same.')
    expect(paced.certificate.hash).toBe(first.report.certificate)
    expect(paced.book).not.toBe(first.book)
  })

  test('of two days carries the account over, trains the second on sessions before it, and sums both up', async () => {
    const { report, certificate, book } = await rehearsed(house, { day: DAY_BEFORE, days: 2 })
    expect(report.days?.map(({ day }) => day)).toEqual(DAYS)
    const [before, after] = report.days ?? []
    expect(report.orders.filled).toBe((before?.orders.filled ?? 0) + (after?.orders.filled ?? 0))
    expect(compareCertificates(certificate, first.certificate)).toMatchObject({ part: 'bars', index: 0 })
    const { rows } = await database.pool.query(
      `select distinct day::text, until_at from spreadworks.screens where book = $1 order by day`,
      [book],
    )
    expect(rows.map(({ until_at }) => until_at.getTime())).toEqual(SESSIONS.slice(1, 3).map(({ closesAt }) => closesAt))
    const {
      rows: [change],
    } = await database.pool.query(
      `select (array_agg(cash order by at desc))[1] as "cash", $2::numeric + (select sum(case side when 'buy' then -1 else 1 end * quantity_shares::numeric * price::numeric - fees) from spreadworks.fills where book = $1) as "traded"
       from spreadworks.equity where book = $1`,
      [book, 100_000],
    )
    expect(Number(change.cash)).toBeCloseTo(Number(change.traded), 4)
  })

  test('with another threshold decides otherwise, and the first row that differs is named', async () => {
    const { signals, ...others } = house.settings
    // One by which no model is scored, so that the models stay the same.
    const other = await rehearsed({ ...house, settings: { ...others, signals: { ...signals, maximumHoldingHalfLives: 2 } } })
    const difference = compareCertificates(first.certificate, other.certificate)
    expect(difference).toMatchObject({ part: 'features', cause: 'code-or-configuration' })
    expect(differenceInWords(difference)).toMatch(
      /^The first difference is row \d+ of features, because of another version of the code or other settings/,
    )
  })

  test('with another seed differs first in what its models forecast, and says so', async () => {
    const other = await rehearsed(house, { seed: 8 })
    expect(other.certificate.hash).not.toBe(first.certificate.hash)
    expect(compareCertificates(first.certificate, other.certificate)).toMatchObject({ part: 'features', cause: 'model' })
  })
})

test('a rehearsal that is cancelled leaves a cancelled book and run, and no exchange behind', async () => {
  const parameters = await startRehearsal(house, asked({ speed: 600 }))
  const { book } = parameters
  const runId = rehearsalRunId(book)
  await until(
    async () =>
      (await database.pool.query(`select from spreadworks.books where book = $1 and shown_at is not null`, [book])).rowCount ===
      1,
  )
  await cancelRun(house, runId)
  await expect(house.engine.result(runId)).rejects.toThrow(/cancel/i)
  expect(await loadBook(database.pool, book)).toMatchObject({ state: 'cancelled', report: null })
  await until(async () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length === LISTENING)
})

/** Breaks a line once, at what it tells in or after `minute` of the last session. */
function breakAt(stream: 'data' | 'trading', minute: number): ScriptedFault {
  const from = (SESSIONS.at(-1)?.opensAt ?? 0) + minute * MINUTE_MS
  return ScriptedFault.parse({ kind: 'drop-connection', stream, from, count: 1 })
}

describe('a rehearsal whose line breaks', () => {
  const breaks = () => house.said.filter((sentence) => sentence.includes('closed its stream')).length

  test('goes on at a venue opened anew, and ends as if nothing had happened', async () => {
    const before = breaks()
    faults = [breakAt('data', 0), breakAt('data', 47), breakAt('trading', 60), breakAt('data', 100), breakAt('data', 101)]
    const broken = await rehearsed(house)
    expect(breaks() - before).toBe(5)
    expect(differenceInWords(compareCertificates(first.certificate, broken.certificate))).toBe('Both certificates are the same.')
    expect(broken.report).toMatchObject({ bars: first.report.bars, orders: first.report.orders })
  })

  test('again and again, wherever it is opened, fails with a sentence', async () => {
    const before = breaks()
    faults = Array.from({ length: 9 }, () => breakAt('data', 0))
    await expect(rehearsed(house)).rejects.toMatchObject({ code: 'VENUE_BROKEN', exitCode: 1 })
    expect(breaks() - before).toBe(4)
    faults = []
  })
})

/** Servers of a house without a rehearsal: the tracking server. */
const LISTENING = 1

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(5)
}

describe('what cannot be rehearsed is refused in a sentence with exit code 2', () => {
  const refused = (wanted: Partial<RehearsalRequest>) =>
    planRehearsal(database.pool, asked(wanted), house.settings).then(
      () => undefined,
      ({ code, exitCode, message }) => ({ code, exitCode, message }),
    )

  test.each([
    ['a day that is no date', { day: '2024-02-30' }, 'DAY_UNREADABLE', "'2024-02-30' is not a date"],
    ['a closed day', { day: '2024-07-04' }, 'DAY_CLOSED', 'closed on 2024-07-04'],
    ['a day without bars', { day: '2024-07-05' }, 'DAY_NOT_STORED', 'No 1-minute bars of 2024-07-05'],
    ['more days than are stored', { day: LAST_DAY, days: 2 }, 'DAYS_NOT_STORED', 'no 1-minute bars of 2024-07-05'],
    ['too few sessions before', { day: SESSIONS[1].date }, 'LOOKBACK_TOO_SHORT', 'needs the 2 sessions before it'],
    ['an unknown sector', { sectors: ['Gold'] }, 'SECTOR_UNKNOWN', "There is no sector 'Gold'; there are "],
    ['an unknown feed', { feed: 'iex' }, 'FEED_UNKNOWN', "feed 'iex' are stored; there are simulated"],
  ])('%s', async (_, wanted, code, words) => {
    const refusal = await refused(wanted)
    expect(refusal).toMatchObject({ code, exitCode: 2 })
    expect(refusal?.message).toContain(words)
  })

  test('nothing stored', async () => {
    const empty = await freshDatabase()
    await expect(planRehearsal(empty.pool, asked(), house.settings)).rejects.toMatchObject({
      code: 'NOTHING_STORED',
      exitCode: 2,
    })
    await empty.close()
  })
})
