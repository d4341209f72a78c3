import type { Pool } from 'pg'
import { saveAlert } from '#alerts/alerts.store.ts'
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

export type MaintenanceParameters = {
  /** The feed whose bars are looked for. */
  readonly feed: Feed
  /** The sessions of the feed before this day are looked at, so that one under way accuses nobody. */
  readonly day: SessionDate
  readonly at: EpochMs
  readonly rules: MaintenanceRules
  readonly by: string
}

/**
 * Looks at every symbol that is not simulated, at the broker's list (undefined: no broker is asked) and at the bars of the
 * last sessions, and keeps what is found with its evidence. When so many seem gone that the answer is doubted nothing is
 * changed, and an alert says so. A second look at the same changes nothing.
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
  if (found.kind === 'found') await saveFindings(sql, found.findings, { by, at })
  else await saveAlert(sql, { book: undefined, at, severity: 'critical', ...doubtOf(found) })
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
