import type { Pool } from 'pg'
import { raiseAlert, resolveAlert } from '#alerts/alerts.store.ts'
import type { Feed } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { type Outcome, ok } from '#domain/outcome.ts'
import type { SessionDate } from '#domain/sessions.ts'
import type { EpochMs } from '#domain/units.ts'
import { sessionsStored } from '#market/bars.store.ts'
import { silencesOf } from '#market/silence.store.ts'
import { type Maintenance, type MaintenanceRules, maintain } from '#market/symbol-maintenance.ts'
import { saveFindings, symbolRecords } from '#market/symbol-records.store.ts'
import type { ExchangeDirectory } from '#sources/alpaca/assets.ts'
import { brokerUnavailable } from './broker-unavailable.ts'
import { checkCalendar } from './check-calendar.steps.ts'
import type { MaintainSymbolsSteps } from './maintain-symbols.flow.ts'

const BY = 'maintenance'
/** The alert of an answer that is doubted. */
const DOUBT = 'symbols-doubted'

export type MaintenanceParameters = {
  /** The feed whose bars are looked for. */
  readonly feed: Feed
  /** The sessions of the feed before this day are looked at, so that one under way accuses nobody. */
  readonly day: SessionDate
  readonly at: EpochMs
  readonly rules: MaintenanceRules
  readonly by: string
}

/** The flow's part of the work; without a broker (`directory`) symbols are looked at by their bars alone. */
export function maintainSymbolsSteps({
  sql,
  directory,
  rules,
}: {
  readonly sql: Pool
  readonly directory: Pick<ExchangeDirectory, 'assets' | 'calendar'> | undefined
  readonly rules: MaintenanceRules
}): MaintainSymbolsSteps {
  return {
    look: async ({ feed, day, at }) => {
      const looked = await maintainSymbols({ sql, directory }, { feed, day, at, rules, by: BY })
      if (!looked.ok) throw brokerUnavailable(looked.why)
      const found = looked.value
      if (found.kind === 'implausible') return { changed: 0, isDoubted: true }
      return { changed: found.findings.length, isDoubted: false }
    },
    checkCalendar: async ({ calendar, at }) => {
      if (directory === undefined) return 0
      const checked = await checkCalendar({ sql, directory }, { ...calendar, at })
      if (!checked.ok) throw brokerUnavailable(checked.why)
      return checked.value.differences.length
    },
  }
}

/**
 * Looks at every symbol that is not simulated, at the broker's list (undefined: no broker is asked) and at the bars of the
 * last sessions, and keeps what is found with its evidence. When so many seem gone that the answer is doubted nothing is
 * changed, and an alert says so until a look is believed again. A second look at the same changes nothing.
 */
export async function maintainSymbols(
  { sql, directory }: { readonly sql: Pool; readonly directory: Pick<ExchangeDirectory, 'assets'> | undefined },
  { feed, day, at, rules, by }: MaintenanceParameters,
): Promise<Outcome<Maintenance, BrokerUnavailable>> {
  const known = (await symbolRecords(sql)).filter(({ isSimulated }) => !isSimulated)
  const symbols = known.map(({ symbol }) => symbol)
  const ids = new Set(known.flatMap(({ assetId }) => assetId ?? []))
  const listed = await directory?.assets({ symbols: new Set(symbols), ids })
  if (listed !== undefined && !listed.ok) return listed
  const stored = await sessionsStored(sql, { feed, timeframe: '1m' })
  const sessions = stored.filter(({ date }) => date < day).slice(-sessionsNeeded(rules))
  const silences = await silencesOf(sql, symbols, { feed, sessions })
  const found = maintain(known, { assets: listed?.value, silences, at }, rules)
  if (found.kind === 'found') {
    await saveFindings(sql, found.findings, { by, at })
    await resolveAlert(sql, DOUBT, at)
  } else await raiseAlert(sql, { key: DOUBT, at, severity: 'critical', flow: 'maintain-symbols', ...doubtOf(found) })
  return ok(found)
}

/** Twice as many as the rules count, since one in which the feed had next to nothing does not count. */
function sessionsNeeded({ haltedAfterSessions, delistedAfterSessions }: MaintenanceRules): number {
  return 2 * Math.max(haltedAfterSessions, delistedAfterSessions)
}

function doubtOf({ gone, of }: Extract<Maintenance, { kind: 'implausible' }>): { title: string; body: string } {
  return {
    title: 'Symbol maintenance doubts what it was told',
    body: `${gone.length} of ${of} symbols would be delisted at once (${gone.slice(0, 5).join(', ')}…). Nothing was changed; look at the broker and the feed.`,
  }
}
