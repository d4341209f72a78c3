import type { SectorView, SymbolView } from '#desk/market-views.ts'
import { epochMs, isoFrom } from '#domain/units.ts'
import { differenceText } from '#market/calendar-check.ts'
import type { CalendarReport, SessionCoverage, SymbolCheck, SymbolStatus } from './market-program.ts'
import { textTable } from './text-table.ts'

/** Symbols for a person, a line each. */
export function symbolsText(symbols: readonly SymbolView[], kept: number): string {
  if (symbols.length === 0 && kept > 0) return `None of ${kept} symbols is traded; spreadworks symbols list --all tells why.\n`
  if (symbols.length === 0) return 'No symbol is kept yet; import a symbols.csv or add some (spreadworks symbols add XOM CVX).\n'
  const rows = symbols.map((view) => [view.symbol, standingOf(view), view.sector ?? '–', view.name])
  return textTable(['symbol', 'standing', 'sector', 'name'], rows)
}

/** Whether a symbol takes new entries, in words: `traded`, `switched off`, `delisted since 2018-11-26`. */
function standingOf({ keptOut, statusSince, renamedTo, isShortable }: SymbolView): string {
  const since = statusSince === null ? '' : ` since ${dayOf(statusSince)}`
  switch (keptOut) {
    case null:
      return isShortable === false ? 'traded, not shortable' : 'traded'
    case 'inactive':
      return 'switched off'
    case 'sector-inactive':
      return 'its sector is switched off'
    case 'renamed':
      return `renamed to ${renamedTo}${since}`
    case 'halted':
    case 'delisted':
      return `${keptOut}${since}`
    case 'not-tradable':
      return `not tradable${since}`
    default:
      return keptOut satisfies never
  }
}

/** Coverage, holes and history of symbols for a person. */
export function statusText(statuses: readonly SymbolStatus[]): string {
  return statuses.map(blockOf).join('\n')
}

function blockOf({ symbol, feed, sessions, holes, events }: SymbolStatus): string {
  const lines = [
    `${symbol.symbol} (${symbol.name}): ${standingOf(symbol)}`,
    ...(sessions.length === 0
      ? ['  no 1-minute bars in the sessions shown']
      : sessions.map((session) => `  ${sessionText(session)}`)),
    ...holes.map(
      ({ from, until, state, cause }) => `  ${state} ${timeOf(from)} to ${timeOf(until)} UTC: ${cause ?? 'cause not known'}`,
    ),
    ...events.map(({ at, what, evidence, by }) => `  ${dayOf(at)} ${what} (${by}): ${evidence}`),
  ]
  return `${lines.join('\n')}${feed === null ? '' : `\n  feed '${feed}'`}\n`
}

function sessionText({ day, minutes, present, repaired, noTrade, missing, isJudged }: SessionCoverage): string {
  if (!isJudged) return `${day}  ${present} of ${minutes} minutes have a bar; no ledger was kept of the others`
  return `${day}  ${present} of ${minutes} present, ${repaired} of them repaired, ${noTrade} without trade, ${missing} missing`
}

/** What a look at the symbols found, for a person. */
export function checkText(check: SymbolCheck): string {
  const asked = check.broker ? 'the broker’s list' : 'no broker (no key is set)'
  const about = `${check.symbols} symbols looked at, by ${asked} and by the bars of the feed '${check.feed}'.\n`
  if (check.kind === 'implausible')
    return `${about}${check.gone.length} of them would be delisted at once, which is doubted: nothing was changed.\n`
  const lines = check.events.map(({ symbol, what, evidence }) => `${symbol} ${what}: ${evidence}\n`)
  return `${about}${lines.length === 0 ? 'Nothing changed.\n' : lines.join('')}`
}

/** Sectors for a person, a line each. */
export function sectorsText(sectors: readonly SectorView[]): string {
  if (sectors.length === 0) return 'No symbol has a sector yet; import a symbols.csv.\n'
  const rows = sectors.map((view) => [
    view.sector,
    view.isActive ? 'active' : 'off',
    String(view.symbols),
    String(view.tradable),
    view.decidedBy,
  ])
  return textTable(['sector', 'state', 'symbols', 'traded', 'decided by'], rows, new Set([2, 3]))
}

/** How our calendar compares with the exchange's, for a person. */
export function calendarText({ from, through, differences }: CalendarReport): string {
  if (differences.length === 0) return `From ${from} through ${through} both calendars say the same.\n`
  return `${differences.map((difference) => `${differenceText(difference)}\n`).join('')}`
}

function dayOf(at: number): string {
  return isoFrom(epochMs(at)).slice(0, 10)
}

function timeOf(at: number): string {
  return isoFrom(epochMs(at)).slice(11, 16)
}
