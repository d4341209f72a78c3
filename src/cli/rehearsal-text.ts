import type { DayReport } from '#desk/day-report.ts'

/** What a rehearsal of one day or of several reports. */
export type RehearsalReport = (DayReport | { readonly days: readonly DayReport[]; readonly certificate: string }) & { readonly comparison?: string }

/** The report for a person. */
export function rehearsalText(report: RehearsalReport): string {
  const days = 'days' in report ? report.days : [report]
  const lines = [...days.flatMap(linesOf), `Certificate ${report.certificate}`]
  return `${(report.comparison === undefined ? lines : [...lines, report.comparison]).join('\n')}\n`
}

function linesOf(day: DayReport): string[] {
  const { pairs, models, signalsByKind, orders, pnlUsd, bars, seconds } = day
  const kinds = Object.entries(signalsByKind).map(([kind, times]) => `${times} ${kind}`)
  return [
    `${day.day}, feed '${day.source}': ${day.symbols} symbols, ${count(bars.replayed)} bars replayed, ${count(bars.missing)} minutes without a bar`,
    `  pairs    ${count(pairs.tested)} tested, ${count(pairs.correlated)} correlated, ${count(pairs.cointegrated)} cointegrated, ${pairs.shortlisted} shortlisted, ${day.leftOut} left out`,
    `  models   ${models.trained} trained, ${models.promoted} promoted, F1 ${figure(models.f1.mean)} mean and ${figure(models.f1.best)} best, AUC ${figure(models.auc.mean)} and ${figure(models.auc.best)}`,
    `  signals  ${count(day.signals)}: ${kinds.join(', ')}`,
    `  risk     ${day.approvals} approved, ${day.refusals} refused`,
    `  orders   ${orders.submitted} submitted, ${orders.filled} filled, ${orders.rejected} rejected`,
    `  P&L      ${usd(pnlUsd.gross)} gross, ${usd(-pnlUsd.costs)} costs, ${usd(pnlUsd.net)} net`,
    `  seconds  ${seconds.load} load, ${seconds.screen} screen, ${seconds.train} train, ${seconds.session} session, ${seconds.total} in all`,
    ...Object.entries(day.stoppedBy).map(([pair, gate]) => `  ${pair} did not trade: ${gate}`),
  ]
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
