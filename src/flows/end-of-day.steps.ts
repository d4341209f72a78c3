import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { sessionsBefore } from '#domain/calendar.ts'
import { type EpochMs, isoFrom } from '#domain/units.ts'
import { sessionLedgers } from '#market/ledger-views.store.ts'
import type { Yahoo } from '#sources/yahoo/yahoo.client.ts'
import { loadAndCheckCloses } from './check-closes.steps.ts'
import type { EndOfDayParameters, EndOfDaySteps } from './end-of-day.flow.ts'
import { accountDay, saveResult } from './flow-results.store.ts'
import { sessionOfDay } from './open-desk.steps.ts'
import { accountOf } from './rehearse.steps.ts'
import { runLog } from './run-log.flow.ts'
import { tellOfRun } from './run-progress.steps.ts'

export type EndOfDayDependencies = {
  readonly sql: Pool
  /** The second source of closes; undefined where it is switched off. */
  readonly yahoo: Pick<Yahoo, 'dailyBars'> | undefined
  readonly now: () => EpochMs
}

/** So many sessions are compared each evening: a correction of the days before is seen, too. */
const SESSIONS_COMPARED = 5
const SECOND = 'yahoo'

export function endOfDaySteps(dependencies: EndOfDayDependencies): EndOfDaySteps {
  return {
    checkCloses: (parameters) => compareCloses(dependencies, parameters),
    report: (parameters) => report(dependencies.sql, parameters),
  }
}

async function compareCloses(
  { sql, yahoo, now }: EndOfDayDependencies,
  { day, feed, symbols }: EndOfDayParameters,
): Promise<void> {
  const log = runLog(sql, 'check-closes')
  if (feed === SECOND) return log.info('The bars come from the second source itself, so there is nothing to hold them against.')
  if (yahoo === undefined) return log.info('The second source is switched off (yahoo.enabled), so closes are not compared.')
  const session = sessionOfDay(day)
  const sessions = [...sessionsBefore(day, SESSIONS_COMPARED - 1), session]
  const tell = tellOfRun(sql, 'symbols')
  const checked = await loadAndCheckCloses({ symbols, feed, sessions }, { sql, yahoo, now, tell })
  const { unavailable } = checked
  const silence = unavailable && ` It stopped answering and rests until ${isoFrom(unavailable.until)}: ${unavailable.cause}.`
  await log.info(`Of ${symbols.length} symbols the second source told the closes of ${checked.asked}.${silence ?? ''}`, checked)
}

/** The day as its book left it, or, without an account, what is stored of it. */
async function report(sql: Pool, { day, feed, symbols, book }: EndOfDayParameters): Promise<void> {
  const decided = book === undefined ? undefined : await accountDay(sql, book, day)
  const [ofBook] = decided === undefined ? [] : (await accountOf(sql, { ...decided, days: [day] })).days
  const detail = ofBook ?? { day, source: feed, symbols: symbols.length, bars: await barsOn(sql, { day, feed, symbols }) }
  await saveResult(sql, DBOS.workflowID ?? '', { kind: 'report', reference: day, book, day, detail })
}

async function barsOn(sql: Pool, { day, feed, symbols }: Pick<EndOfDayParameters, 'day' | 'feed' | 'symbols'>) {
  const [ledger] = await sessionLedgers(sql, { feed, from: day, through: day, symbols })
  if (ledger === undefined) return { present: 0, noTrade: 0, missing: 0 }
  const { present, noTrade, missing } = ledger
  return { present, noTrade, missing }
}
