/**
 * When the New York Stock Exchange does not trade, or trades until 13:00: its standing rules and the dated exceptions to them.
 * Source: NYSE Rule 7.2 (holidays) and the exchange's yearly "Holidays & Trading Hours" notices, 2007 to 2028 (the last of 23 December 2025).
 */
export const FIRST_YEAR = 2007
export const LAST_YEAR = 2037

/** The last day for which the exchange has published its closings; beyond, they are what its standing rules say. */
export const PUBLISHED_THROUGH = '2028-12-31'

const JUNETEENTH_SINCE = 2022

/** Days on which the exchange stayed shut for one occasion: mourning of Ford, hurricane Sandy, mourning of Bush, of Carter. */
const SPECIAL_CLOSINGS: readonly string[] = ['2007-01-02', '2012-10-29', '2012-10-30', '2018-12-05', '2025-01-09']

const MONDAY = 1
const THURSDAY = 4
const FRIDAY = 5
const SATURDAY = 6
const SUNDAY = 7

/** Dates (`YYYY-MM-DD`) of `year` on which the exchange is shut, weekends apart. */
export function closingsOf(year: number): ReadonlySet<string> {
  const holidays = [
    ...newYearsDay(year),
    nthWeekday(date(year, 1, 1), MONDAY, 3),
    nthWeekday(date(year, 2, 1), MONDAY, 3),
    easterSunday(year).subtract({ days: 2 }),
    lastMondayOfMay(year),
    ...(year >= JUNETEENTH_SINCE ? [observed(date(year, 6, 19))] : []),
    observed(date(year, 7, 4)),
    nthWeekday(date(year, 9, 1), MONDAY, 1),
    thanksgiving(year),
    observed(date(year, 12, 25)),
  ]
  const special = SPECIAL_CLOSINGS.filter((closing) => closing.startsWith(`${year}-`))
  return new Set([...holidays.map(String), ...special])
}

/**
 * Dates (`YYYY-MM-DD`) of `year` on which trading ends at 13:00, if there is any: July 3rd, the day after Thanksgiving,
 * Christmas Eve. An eve on a Friday is itself the observed holiday, and on a weekend nothing replaces it.
 */
export function halfDaysOf(year: number): ReadonlySet<string> {
  return new Set([date(year, 7, 3), thanksgiving(year).add({ days: 1 }), date(year, 12, 24)].map(String))
}

/** Weekdays of `year`, ascending. */
export function weekdaysOf(year: number): Temporal.PlainDate[] {
  const first = date(year, 1, 1)
  return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days })).filter((day) => day.dayOfWeek <= FRIDAY)
}

function date(year: number, month: number, day: number): Temporal.PlainDate {
  return Temporal.PlainDate.from({ year, month, day })
}

// A New Year's Day on a Saturday is not observed: the Friday before closes the old year's books.
function newYearsDay(year: number): Temporal.PlainDate[] {
  const day = date(year, 1, 1)
  return day.dayOfWeek === SATURDAY ? [] : [observed(day)]
}

function observed(holiday: Temporal.PlainDate): Temporal.PlainDate {
  if (holiday.dayOfWeek === SATURDAY) return holiday.subtract({ days: 1 })
  return holiday.dayOfWeek === SUNDAY ? holiday.add({ days: 1 }) : holiday
}

function nthWeekday(firstOfMonth: Temporal.PlainDate, weekday: number, nth: number): Temporal.PlainDate {
  const ahead = (weekday - firstOfMonth.dayOfWeek + 7) % 7
  return firstOfMonth.add({ days: ahead + (nth - 1) * 7 })
}

function lastMondayOfMay(year: number): Temporal.PlainDate {
  const last = date(year, 5, 31)
  return last.subtract({ days: last.dayOfWeek - MONDAY })
}

function thanksgiving(year: number): Temporal.PlainDate {
  return nthWeekday(date(year, 11, 1), THURSDAY, 4)
}

/** Gregorian Easter. Source: J.-M. Oudin (1940), as in the Explanatory Supplement to the Astronomical Almanac (1992), §12.73. */
function easterSunday(year: number): Temporal.PlainDate {
  const century = Math.floor(year / 100)
  const golden = year % 19
  const k = Math.floor((century - 17) / 25)
  let i = (century - Math.floor(century / 4) - Math.floor((century - k) / 3) + 19 * golden + 15) % 30
  i -= Math.floor(i / 28) * (1 - Math.floor(i / 28) * Math.floor(29 / (i + 1)) * Math.floor((21 - golden) / 11))
  const j = (year + Math.floor(year / 4) + i + 2 - century + Math.floor(century / 4)) % 7
  const l = i - j
  const month = 3 + Math.floor((l + 40) / 44)
  return date(year, month, l + 28 - 31 * Math.floor(month / 4))
}
