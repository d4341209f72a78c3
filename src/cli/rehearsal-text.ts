import type { BookReport } from '#desk/book-report.ts'
import type { Book } from '#domain/book.ts'

/** What a rehearsal reports and the book it wrote, with how its certificate compares when that was asked. */
export type RehearsalReport = BookReport & { readonly book: Book; readonly comparison?: string }

type Day = Omit<BookReport, 'seconds' | 'days'>

/** The report for a person. */
export function rehearsalText(report: RehearsalReport): string {
  const { book, seconds, comparison, certificate } = report
  const lines = [
    ...(report.days ?? [report]).flatMap(linesOf),
    `  seconds  ${seconds.load} load, ${seconds.screen} screen, ${seconds.train} train, ${seconds.session} session, ${seconds.total} in all`,
    `Book ${book}`,
    `Certificate ${certificate}`,
    ...(comparison === undefined ? [] : [comparison]),
  ]
  return `${lines.join('\n')}\n`
}

function linesOf(day: Day): string[] {
  const { pairs, models, signalsByKind, orders, pnlUsd } = day
  const kinds = Object.entries(signalsByKind).map(([kind, times]) => `${times} ${kind}`)
  return [
    `${day.day}, feed '${day.source}': ${day.symbols} symbols, ${barsOf(day)}`,
    `  pairs    ${count(pairs.tested)} tested, ${count(pairs.correlated)} correlated, ${count(pairs.cointegrated)} cointegrated, ${pairs.shortlisted} shortlisted, ${day.leftOut} left out`,
    ...Object.entries(day.stoppedAtScreen).map(([verdict, times]) => `  ${count(times)} pairs stopped at the screen: ${verdict}`),
    `  models   ${models.trained} trained, ${models.promoted} promoted, F1 ${figure(models.f1.mean)} mean and ${figure(models.f1.best)} best, AUC ${figure(models.auc.mean)} and ${figure(models.auc.best)}`,
    `  signals  ${count(day.signals)}: ${kinds.join(', ')}`,
    `  risk     ${day.approvals} approved, ${day.refusals} refused`,
    `  orders   ${orders.submitted} submitted, ${orders.filled} filled, ${orders.rejected} rejected`,
    `  P&L      ${usd(pnlUsd.gross)} gross, ${usd(-pnlUsd.costs)} costs, ${usd(pnlUsd.net)} net`,
    ...Object.entries(day.stoppedBy).map(([pair, gate]) => `  ${pair} did not trade: ${gate}`),
  ]
}

function barsOf({ bars, barsStored }: Day): string {
  const replayed =
    bars.replayed === barsStored
      ? `${count(bars.replayed)} bars replayed`
      : `${count(bars.replayed)} bars replayed of ${count(barsStored)} stored`
  return `${replayed}, ${count(bars.missing)} minutes without a bar`
}

function figure(value: number | null): string {
  return value === null ? '–' : value.toFixed(2)
}

function usd(value: number): string {
  return `${value < 0 ? '−' : '+'}$${Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
