import type { EpochMs } from '#domain/units.ts'

function inNewYork(at: EpochMs): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('America/New_York')
}

/** `HH:MM` in New York. */
export function timeInNewYork(at: EpochMs): string {
  return inNewYork(at).toPlainTime().toString({ smallestUnit: 'minute' })
}

/** With New York's offset, as Alpaca's clock writes it: 2018-03-28T09:30:00.000-04:00. */
export function offsetIsoOf(at: EpochMs): string {
  return inNewYork(at).toString({ timeZoneName: 'never', fractionalSecondDigits: 3 })
}

/** The date `days` weekdays after `date`, holidays not considered. */
export function weekdaysAfter(date: string, days: number): string {
  let day = Temporal.PlainDate.from(date)
  for (let left = days; left > 0; ) {
    day = day.add({ days: 1 })
    if (day.dayOfWeek <= 5) left--
  }
  return day.toString()
}
