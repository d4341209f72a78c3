import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import type { Broker } from '#domain/broker.ts'
import { sessionOn } from '#domain/calendar.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import type { HistorySource } from '#market/load-bars.steps.ts'
import { repairSession } from '#market/repair.steps.ts'
import { saveEquity } from '#portfolio/equity.store.ts'
import { costOf, sumOf } from '#portfolio/lot.ts'
import type { Settings } from '#settings/schema.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { openBook } from './books.store.ts'
import { brokerUnavailable } from './broker-unavailable.ts'
import { exposureFinding } from './exposure.steps.ts'
import { saveResult } from './flow-results.store.ts'
import type { HourlyParameters, HourlySteps } from './hourly.flow.ts'
import { saveProgress } from './progress.store.ts'
import { runLog } from './run-log.flow.ts'

export type HourlyDependencies = {
  readonly sql: Pool
  /** Recorded bars of a feed; undefined where nobody has any. */
  readonly sourceOf: (feed: string) => HistorySource | undefined
  /** The account's broker; undefined without an account. */
  readonly broker: Pick<Broker, 'account' | 'positions'> | undefined
  readonly timer: Timer
  readonly settings: Pick<Settings, 'pairs'>
}

export function hourlySteps(dependencies: HourlyDependencies): HourlySteps {
  return {
    repair: (parameters) => repair(dependencies, parameters),
    snapshot: (parameters) => snapshot(dependencies, parameters),
    lookAtExposure: (parameters) => lookAtExposure(dependencies, parameters),
  }
}

async function repair({ sql, sourceOf, timer }: HourlyDependencies, { day, at, feed, symbols }: HourlyParameters): Promise<void> {
  const log = runLog(sql, 'repair')
  const [session, source] = [sessionOn(day), sourceOf(feed)]
  if (session === undefined || at <= session.opensAt) return log.info(`${day}: the session has not begun, so nothing is missing.`)
  if (source === undefined) return log.info(`Without keys nobody can be asked for missing minutes of ${feed}.`)
  const due = epochMs(Math.min(at, session.closesAt))
  const repaired = await repairSession({ pool: sql, source, timer }, { session, symbols, due, caller: 'hourly' })
  if (!repaired.ok) throw brokerUnavailable(repaired.why)
  const { value } = repaired
  const sentence = `${day}: ${value.repaired} missing bars came, ${value.revised} were corrected, ${value.symbolsMissing} symbols still miss some`
  await log.info(sentence, value)
  await saveProgress(sql, DBOS.workflowID ?? '', { done: 2, total: 4, unit: 'parts', sentence })
}

async function snapshot({ sql, broker }: HourlyDependencies, { day, book, at, feed }: HourlyParameters): Promise<void> {
  const log = runLog(sql, 'snapshot')
  if (book === undefined || broker === undefined) return log.info('There is no account, so there is no portfolio to note.')
  const [account, positions] = [await broker.account(), await broker.positions()]
  if (!account.ok) throw brokerUnavailable(account.why)
  if (!positions.ok) throw brokerUnavailable(positions.why)
  const values = positions.value.map(({ quantityShares, currentPrice }) => costOf(Math.abs(quantityShares), currentPrice))
  const { equity, cash } = account.value
  await openBook(sql, book, { feed, speed: '1', parameters: { days: [day] } })
  await saveEquity(sql, book, [{ at, equity, cash, grossExposure: sumOf(...values) }])
}

async function lookAtExposure({ sql, settings }: HourlyDependencies, parameters: HourlyParameters): Promise<void> {
  const { day, book, at } = parameters
  const log = runLog(sql, 'look-at-exposure')
  if (book === undefined) return log.info('There is no account, so nothing is exposed.')
  const finding = await exposureFinding(sql, { ...parameters, book }, settings.pairs)
  const reference = `exposure-${isoFrom(at)}`
  await saveResult(sql, DBOS.workflowID ?? '', { kind: 'finding', reference, book, day, detail: finding })
  await log.info(finding.sentence, finding)
  for (const { pair, sentence } of finding.pairs.filter(({ hasDrifted }) => hasDrifted)) await log.warn(sentence, { pair })
}
