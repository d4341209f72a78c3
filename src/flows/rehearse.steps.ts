import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { type BookReport, bookReport, centsOf, type RehearsedDay } from '#desk/book-report.ts'
import { type Certificate, type CertificateRows, certify, type PartName } from '#desk/certificate.ts'
import { approvalRows, barRows, featureRows, fillRows, modelRows, orderRows, signalRows } from '#desk/certificate-rows.ts'
import { dayReport } from '#desk/day-report.ts'
import type { BarColumns } from '#domain/bars.ts'
import { minutesOf, type Session } from '#domain/sessions.ts'
import { fillsOf, ordersOf } from '#execution/orders.store.ts'
import type { SagaOrder } from '#execution/saga.ts'
import { barsBetween } from '#market/bars.store.ts'
import { modelsFor } from '#models/models.store.ts'
import { loadShortlist, screenOfDay } from '#pairs/screens.store.ts'
import type { PairFill } from '#portfolio/portfolio.ts'
import { profitOf } from '#portfolio/value.ts'
import { decisionsBetween } from '#risk/decisions.store.ts'
import { signalsBetween } from '#signals/signals.store.ts'
import type { Measure } from '#statistics/measure.ts'
import { abandonBook, closeBook, openBook } from './books.store.ts'
import { saveResult } from './flow-results.store.ts'
import { sessionOfDay } from './open-desk.steps.ts'
import { secondsOf } from './phases.store.ts'
import { progressOf } from './progress.store.ts'
import { type DayParameters, dayOf, dayRunId, isOfCheck, type RehearsalParameters, rehearsalRunId } from './rehearsal.ts'
import type { RehearseSteps } from './rehearse.flow.ts'
import { verdictsOf } from './screen-verdicts.store.ts'

export function rehearseSteps(sql: Pool): RehearseSteps {
  return {
    openBook: ({ book, ...parameters }) => {
      const { feed, speed, days } = parameters
      return openBook(sql, book, { feed, speed: String(speed), parameters: { ...parameters, day: days[0] } })
    },
    closeBook: async (parameters) => {
      const { days, certificate } = await accountOf(sql, parameters)
      const report = bookReport(days, certificate.hash, await secondsOf(sql, parameters.book))
      await closeBook(sql, parameters.book, { report, certificate: certificate.hash })
      await keepResults(sql, parameters, { report, certificate: certificate.hash })
      return certificate.hash
    },
    abandon: ({ book }) => abandonBook(sql, book, 'failed'),
  }
}

/** The book, its report and its certificate, where a look at the run finds them. */
async function keepResults(
  sql: Pool,
  { book, days }: RehearsalParameters,
  { report, certificate }: { readonly report: BookReport; readonly certificate: string },
): Promise<void> {
  // A check says what it found, and its book may go.
  if (isOfCheck(book)) return
  const of = { book, day: days[0] }
  const runId = DBOS.workflowID ?? rehearsalRunId(book)
  const detail = { signals: report.signals, orders: report.orders, pnlUsd: report.pnlUsd }
  await saveResult(sql, runId, { ...of, kind: 'backtest', reference: book, detail: { days } })
  await saveResult(sql, runId, { ...of, kind: 'report', reference: book, detail })
  await saveResult(sql, runId, { ...of, kind: 'certificate', reference: certificate, detail: {} })
}

/** What a book's days left behind: a report each, and one certificate over all of them, made from what is stored. */
export async function accountOf(
  sql: Pool,
  parameters: RehearsalParameters,
): Promise<{ days: RehearsedDay[]; certificate: Certificate }> {
  const days: RehearsedDay[] = []
  const rows: CertificateRows[] = []
  for (const date of parameters.days) {
    const account = await dayAccount(sql, dayOf(parameters, date))
    days.push(account.report)
    rows.push(account.rows)
  }
  return { days, certificate: certify(allRows(rows)) }
}

function allRows(days: readonly CertificateRows[]): CertificateRows {
  const of = (part: PartName) => days.flatMap((day) => day[part])
  return {
    bars: of('bars'),
    features: of('features'),
    models: of('models'),
    signals: of('signals'),
    approvals: of('approvals'),
    orders: of('orders'),
    fills: of('fills'),
  }
}

async function dayAccount(sql: Pool, day: DayParameters): Promise<{ report: RehearsedDay; rows: CertificateRows }> {
  const session = sessionOfDay(day.day)
  const range = { from: session.opensAt, until: session.closesAt }
  const bars = [...(await barsBetween(sql, day.symbols, { ...range, feed: day.feed, timeframe: '1m' })).values()]
  const signals = await signalsBetween(sql, day.book, range)
  const decisions = await decisionsBetween(sql, day.book, range)
  const models = await modelsFor(sql, day.book, day.day)
  const { orders, fills } = await tradesOf(sql, day, session)
  const rows = {
    bars: barRows(bars),
    features: featureRows(signals),
    models: modelRows(models.map(({ pairName, ...model }) => ({ ...model, pair: pairName }))),
    signals: signalRows(signals),
    approvals: approvalRows(decisions),
    orders: orderRows(orders),
    fills: fillRows(fills),
  }
  const expected = day.symbols.length * minutesOf(session)
  const barsStored = bars.reduce((sum, { openedAt }) => sum + openedAt.length, 0)
  const replayed = await replayedOn(sql, day)
  const { pairs, shortlist, stoppedAtScreen } = await screenedOf(sql, day)
  const report = dayReport({
    day: day.day,
    source: day.feed,
    symbols: day.symbols.length,
    bars: { replayed, missing: expected - replayed },
    pairs,
    shortlist,
    models: models.map(({ isPromoted, model }) => ({ isPromoted, f1: valueIn(model.scores.f1), auc: valueIn(model.scores.auc) })),
    signals,
    decisions,
    orders,
    profit: profitOf(fills, closesOf(bars)),
    certificate: certify(rows).hash,
    seconds: await secondsOf(sql, day.book),
  })
  return { report: { ...report, pnlUsd: centsOf(report.pnlUsd), barsStored, stoppedAtScreen }, rows }
}

/** Bars of the day that came from the venue, as the desk wrote them down at the close; 0 for a session that did not come to it. */
async function replayedOn(sql: Pool, day: DayParameters): Promise<number> {
  const runId = dayRunId('trading-session', day)
  return (await progressOf(sql, [runId])).get(runId)?.done ?? 0
}

async function tradesOf(
  sql: Pool,
  { book }: DayParameters,
  { opensAt, closesAt }: Session,
): Promise<{ orders: SagaOrder[]; fills: PairFill[] }> {
  const isToday = ({ at }: { readonly at: number }) => opensAt <= at && at <= closesAt
  return { orders: (await ordersOf(sql, book)).filter(isToday), fills: (await fillsOf(sql, book)).filter(isToday) }
}

async function screenedOf(sql: Pool, day: DayParameters) {
  const screen = await screenOfDay(sql, day)
  if (screen === undefined) return { pairs: { tested: 0, correlated: 0, cointegrated: 0 }, shortlist: [], stoppedAtScreen: {} }
  const { id, tested, correlated, cointegrated, shortlisted } = screen
  const shortlist = (await loadShortlist(sql, id)).map(({ name }) => name)
  return {
    pairs: { tested, correlated, cointegrated },
    shortlist,
    stoppedAtScreen: shortlisted === 0 ? await verdictsOf(sql, id) : {},
  }
}

function closesOf(bars: readonly BarColumns[]) {
  return new Map(bars.flatMap(({ symbol, close }) => (close.length === 0 ? [] : [[symbol, close[close.length - 1]] as const])))
}

function valueIn(measure: Measure): number | undefined {
  return measure.kind === 'measured' ? measure.value : undefined
}
