import { DAY_MS, type EpochMs, epochMs } from '#domain/units.ts'

const NAME = /^flow_logs_(\d{4})_(\d{2})_(\d{2})$/

/** A UTC day, [from, until), and the partition of `flow_logs` that keeps its lines. */
export type LogDay = { readonly partition: string; readonly from: EpochMs; readonly until: EpochMs }

/** The UTC days that [from, until) touches, ascending; none when it is empty. */
export function logDaysBetween(from: EpochMs, until: EpochMs): LogDay[] {
  const first = Math.floor(from / DAY_MS)
  const count = Math.max(0, Math.ceil(until / DAY_MS) - first)
  return from < until ? Array.from({ length: count }, (_, i) => logDay(first + i)) : []
}

/** The day whose lines `partition` keeps, or undefined for the name of another table. */
export function logDayOf(partition: string): LogDay | undefined {
  const [, year, month, day] = NAME.exec(partition) ?? []
  const at = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  return Number.isNaN(at) ? undefined : logDay(at / DAY_MS)
}

function logDay(day: number): LogDay {
  const from = epochMs(day * DAY_MS)
  const date = new Date(from).toISOString().slice(0, 10).replaceAll('-', '_')
  return { partition: `flow_logs_${date}`, from, until: epochMs(from + DAY_MS) }
}
