import type { Pool } from 'pg'
import {
  approvalRows,
  barRows,
  featureRows,
  fillRows,
  modelRows,
  orderRows,
  signalRows,
} from '#desk/certificate-rows.ts'
import { type Certificate, type CertificateRows, certify, type PartName } from '#desk/certificate.ts'
import { type DayReport, dayReport } from '#desk/day-report.ts'
import type { BarColumns } from '#domain/bars.ts'
import { sessionOn } from '#domain/calendar.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { Session } from '#domain/sessions.ts'
import { fillsOf, ordersOf } from '#execution/orders.store.ts'
import type { SagaOrder } from '#execution/saga.ts'
import { barsBetween } from '#market/bars.store.ts'
import { coverageOf, missingBars } from '#market/coverage.ts'
import { modelsFor } from '#models/models.store.ts'
import { loadShortlist, screenOfDay } from '#pairs/screens.store.ts'
import type { PairFill } from '#portfolio/portfolio.ts'
import { profitOf } from '#portfolio/value.ts'
import { decisionsBetween } from '#risk/decisions.store.ts'
import { signalsBetween } from '#signals/signals.store.ts'
import type { Measure } from '#statistics/measure.ts'
import { abandonBook, closeBook, openBook } from './books.store.ts'
import { bookReport } from './book-report.ts'
import { secondsOf } from './phases.store.ts'
import { type DayParameters, dayOf, type RehearsalParameters } from './rehearsal.ts'
import type { RehearseSteps } from './rehearse.flow.ts'
import type { TradingFloor } from './trading-session.steps.ts'

export type RehearseDependencies = {
  readonly sql: Pool
  readonly floor: TradingFloor
  /** True once this process is on its way out: what it leaves behind goes on in the next. */
  readonly isLeaving: () => boolean
}

export function rehearseSteps({ sql, floor, isLeaving }: RehearseDependencies): RehearseSteps {
  return {
    openBook: ({ book, feed, speed, ...rest }) => openBook(sql, book, { feed, speed: String(speed), parameters: { ...rest, day: rest.days[0] } }),
    closeBook: async (parameters) => {
      const { days, certificate } = await accountOf(sql, parameters)
      const report = bookReport(days, certificate.hash, await secondsOf(sql, parameters.book))
      await closeBook(sql, parameters.book, { report, certificate: certificate.hash })
      return certificate.hash
    },
    abandon: async ({ book }) => {
      if (!isLeaving()) await abandonBook(sql, book, 'failed')
    },
    release: ({ book }) => floor.leave(book),
  }
}

/** What a book's days left behind: a report each, and one certificate over all of them, made from what is stored. */
export async function accountOf(sql: Pool, parameters: RehearsalParameters): Promise<{ days: DayReport[]; certificate: Certificate }> {
  const days: DayReport[] = []
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

async function dayAccount(sql: Pool, day: DayParameters): Promise<{ report: DayReport; rows: CertificateRows }> {
  const session = sessionOn(day.day)
  if (session === undefined) throw wrongRequest('DAY_CLOSED', `The New York Stock Exchange was closed on ${day.day}.`)
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
  const report = dayReport({
    day: day.day,
    source: day.feed,
    symbols: day.symbols.length,
    bars: countsOf(bars, session),
    ...(await screenedOf(sql, day)),
    models: models.map(({ isPromoted, model }) => ({ isPromoted, f1: valueOf(model.scores.f1), auc: valueOf(model.scores.auc) })),
    signals,
    decisions,
    orders,
    profit: profitOf(fills, closesOf(bars)),
    certificate: certify(rows).hash,
    seconds: await secondsOf(sql, day.book),
  })
  return { report, rows }
}

async function tradesOf(sql: Pool, { book }: DayParameters, { opensAt, closesAt }: Session): Promise<{ orders: SagaOrder[]; fills: PairFill[] }> {
  const isToday = ({ at }: { readonly at: number }) => opensAt <= at && at <= closesAt
  return { orders: (await ordersOf(sql, book)).filter(isToday), fills: (await fillsOf(sql, book)).filter(isToday) }
}

async function screenedOf(sql: Pool, day: DayParameters) {
  const screen = await screenOfDay(sql, day)
  const shortlist = screen === undefined ? [] : (await loadShortlist(sql, screen.id)).map(({ name }) => name)
  return { pairs: screen ?? { tested: 0, correlated: 0, cointegrated: 0 }, shortlist }
}

function countsOf(bars: readonly BarColumns[], session: Session): { replayed: number; missing: number } {
  const coverages = bars.map(({ symbol, openedAt }) => coverageOf(symbol, openedAt, session))
  return { replayed: coverages.reduce((sum, { present }) => sum + present, 0), missing: missingBars(coverages) }
}

function closesOf(bars: readonly BarColumns[]) {
  return new Map(bars.flatMap(({ symbol, close }) => (close.length === 0 ? [] : [[symbol, close[close.length - 1]] as const])))
}

function valueOf(measure: Measure): number | undefined {
  return measure.kind === 'measured' ? measure.value : undefined
}
