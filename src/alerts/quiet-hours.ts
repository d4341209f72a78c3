import { type EpochMs, epochMs } from '#domain/units.ts'

/** Times of day on New York's clocks, `HH:MM`, [from, until); past midnight where `until` is the earlier. */
export type QuietHours = { readonly from: string; readonly until: string }

const NEW_YORK = 'America/New_York'

/** When the quiet hours that `at` lies in end, or undefined outside them. On a day whose clocks skip the end, the first instant after. */
export function quietUntil(at: EpochMs, hours: QuietHours | undefined): EpochMs | undefined {
  if (hours === undefined) return undefined
  const now = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(NEW_YORK)
  const time = now.toPlainTime().toString().slice(0, 5)
  const isOvernight = hours.until < hours.from
  const isQuiet = isOvernight ? time >= hours.from || time < hours.until : time >= hours.from && time < hours.until
  if (!isQuiet) return undefined
  const endsOn = isOvernight && time >= hours.from ? now.toPlainDate().add({ days: 1 }) : now.toPlainDate()
  const end = endsOn.toZonedDateTime({ timeZone: NEW_YORK, plainTime: Temporal.PlainTime.from(hours.until) })
  return epochMs(end.epochMilliseconds)
}
