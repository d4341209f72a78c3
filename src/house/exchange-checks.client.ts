import type { CalendarReport, SymbolCheck } from '#cli/market-program.ts'
import type { Database } from '#database/connection.client.ts'
import { coverageView } from '#desk/coverage.store.ts'
import { dateInNewYork, sessionDateFrom, sessionOn } from '#domain/calendar.ts'
import { LAST_YEAR } from '#domain/calendar-rules.ts'
import { wrongRequest } from '#domain/fault.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { epochMs } from '#domain/units.ts'
import { brokerUnavailable } from '#flows/broker-unavailable.ts'
import { checkCalendar } from '#flows/check-calendar.steps.ts'
import { maintainSymbols } from '#flows/maintain-symbols.steps.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import type { ExchangeDirectory } from '#sources/alpaca/assets.ts'
import { alpacaAccount } from './alpaca-account.client.ts'

/** What commands that ask the exchange are made of. */
export type Store = { readonly settings: Settings; readonly credentials: Credentials; readonly database: Database }

/** Maintenance of the symbols, now. Throws NOTHING_STORED without bars, BROKER_UNAVAILABLE when the broker does not answer. */
export async function lookAtSymbols(store: Store): Promise<SymbolCheck> {
  const { settings, database } = store
  const { feed } = await coverageView(database.pool, { feed: settings.market.feed, sessions: 1, offset: 0, limit: 1 })
  if (feed === null)
    throw wrongRequest(
      'NOTHING_STORED',
      'No 1-minute bars are stored, so nothing tells which symbols still trade; import some (spreadworks import FILE).',
    )
  const at = epochMs(Date.now())
  const directory = directoryOf(store)
  const looked = await maintainSymbols(
    { sql: database.pool, directory },
    { feed, day: dateInNewYork(at), at, rules: settings.symbols, by: 'maintenance' },
  )
  if (!looked.ok) throw brokerUnavailable(looked.why)
  const about = { broker: directory !== undefined, feed }
  const found = looked.value
  if (found.kind === 'implausible') return { ...about, kind: found.kind, symbols: found.of, gone: found.gone }
  const changes = found.findings.flatMap(({ symbol, changes: news }) =>
    news.map((change) => ({ symbol, at, by: 'maintenance', ...change })),
  )
  return { ...about, kind: found.kind, symbols: found.findings.length, events: changes }
}

/**
 * Our calendar against the exchange's, from today for a year unless dates are given. Throws ALPACA_KEYS_MISSING without keys,
 * DAY_UNREADABLE for what is no date, CALENDAR_RANGE_EMPTY for dates without a day between, BROKER_UNAVAILABLE when the exchange
 * does not answer.
 */
export async function compareCalendars(
  store: Store,
  { from, through }: { readonly from: string | undefined; readonly through: string | undefined },
): Promise<CalendarReport> {
  const at = epochMs(Date.now())
  const range = { ...rangeFrom({ from, through }, dateInNewYork(at)), at }
  const directory = directoryOf(store)
  if (directory === undefined)
    throw wrongRequest('ALPACA_KEYS_MISSING', 'The exchange is asked with a key; set ALPACA_API_KEY and ALPACA_SECRET_KEY.')
  const checked = await checkCalendar({ sql: store.database.pool, directory }, range)
  if (!checked.ok) throw brokerUnavailable(checked.why)
  return checked.value
}

function rangeFrom(
  { from, through }: Parameters<typeof compareCalendars>[1],
  today: SessionDate,
): { readonly from: SessionDate; readonly through: SessionDate } {
  const first = dateFrom(from) ?? today
  const range = { from: first, through: dateFrom(through) ?? yearAfter(first > today ? first : today) }
  if (range.from <= range.through) return range
  throw wrongRequest('CALENDAR_RANGE_EMPTY', `There is no day from ${range.from} through ${range.through}; choose other days.`)
}

/** The same date a year on, or the last day that the calendar knows. */
function yearAfter(date: SessionDate): SessionDate {
  const year = Math.min(Number(date.slice(0, 4)) + 1, LAST_YEAR)
  return sessionDateFrom(`${year}${date.slice(4)}`) ?? sessionDateFrom(`${year}-02-28`) ?? date
}

function dateFrom(text: string | undefined): SessionDate | undefined {
  const date = text === undefined ? undefined : sessionDateFrom(text)
  if (text !== undefined && date === undefined)
    throw wrongRequest('DAY_UNREADABLE', `'${text}' is not a date; write it as YYYY-MM-DD.`)
  // Refuses a year that the calendar does not know.
  if (date !== undefined) sessionOn(date)
  return date
}

/** The exchange behind the configured keys; undefined without keys. */
function directoryOf({ settings, credentials }: Store): ExchangeDirectory | undefined {
  return alpacaAccount(settings, credentials, () => {})?.directory
}
