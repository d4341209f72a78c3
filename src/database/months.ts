import { type EpochMs, epochMs } from '#domain/units.ts'

/** One month in UTC, [from, until), and the partition of `bars` that keeps it. */
export type Month = { readonly partition: string; readonly from: EpochMs; readonly until: EpochMs }

/** The UTC months that [from, until) touches, ascending; none when it is empty. */
export function monthsBetween(from: EpochMs, until: EpochMs): Month[] {
  const months: Month[] = []
  for (let start = monthOf(from); epochMs(start.epochMilliseconds) < until && from < until; start = start.add({ months: 1 })) {
    months.push({
      partition: `bars_${start.year}_${String(start.month).padStart(2, '0')}`,
      from: epochMs(start.epochMilliseconds),
      until: epochMs(start.add({ months: 1 }).epochMilliseconds),
    })
  }
  return months
}

function monthOf(at: EpochMs): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').with({ day: 1 }).startOfDay()
}
