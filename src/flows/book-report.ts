import type { DayReport } from '#desk/day-report.ts'

/** Several days of one book: what they sum to, and each day's own report. */
export type BookReport = Pick<DayReport, 'pnlUsd' | 'certificate' | 'seconds'> & { readonly days: readonly DayReport[] }

/** The report of a rehearsal: its day's own, or of several days their sum with each. */
export function bookReport(days: readonly DayReport[], certificate: string, seconds: DayReport['seconds']): DayReport | BookReport {
  const [only, ...others] = days
  if (only !== undefined && others.length === 0) return { ...only, certificate, seconds }
  const sum = (part: keyof DayReport['pnlUsd']) => Math.round(days.reduce((total, { pnlUsd }) => total + pnlUsd[part], 0) * 1e6) / 1e6
  return { days, pnlUsd: { gross: sum('gross'), costs: sum('costs'), net: sum('net') }, certificate, seconds }
}
