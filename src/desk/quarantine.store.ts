import type { Sql } from '#database/connection.client.ts'
import type { EpochMs } from '#domain/units.ts'
import { quarantineEntries, quarantineEntry, unknownEntry } from '#market/quarantine.store.ts'
import type { QuarantineEntry, QuarantineState } from '#market/quarantine.ts'
import { findingSentence } from '#market/quarantine-words.ts'
import { sourceStates } from '#market/source-states.store.ts'
import type { QuarantineDetailView, QuarantineEntryView, QuarantineView } from './quarantine-views.ts'

const MOST_ENTRIES = 500
const EVERY_STATE: readonly QuarantineState[] = ['held', 'accepted', 'rejected', 'withdrawn']

/** An entry as the desk tells it. */
export function quarantineEntryView(entry: QuarantineEntry): QuarantineEntryView {
  return { ...entry, days: [...entry.days], sentence: findingSentence(entry) }
}

/** What waits for a decision, or with `isWhole` all that was ever found, and how the sources are; at most 500 entries. */
export async function quarantineView(
  sql: Sql,
  { isWhole, now }: { readonly isWhole: boolean; readonly now: EpochMs },
): Promise<QuarantineView> {
  const entries = await quarantineEntries(sql, { states: isWhole ? EVERY_STATE : ['held'], limit: MOST_ENTRIES })
  const sources = await sourceStates(sql)
  return {
    entries: entries.map(quarantineEntryView),
    sources: sources.map(({ source, answeredAt, unavailable }) => {
      // Once its rest is over a source may be asked again: it is not known to be unavailable.
      const resting = unavailable !== undefined && now < unavailable.until ? unavailable : undefined
      return {
        source,
        answeredAt: answeredAt ?? null,
        unavailableUntil: resting?.until ?? null,
        cause: unavailable?.cause ?? null,
      }
    }),
    servedAt: now,
  }
}

/** One entry with what was done to it. Throws QUARANTINE_UNKNOWN. */
export async function quarantineDetail(sql: Sql, id: string): Promise<QuarantineDetailView> {
  const found = await quarantineEntry(sql, id)
  if (found === undefined) throw unknownEntry(id)
  return { entry: quarantineEntryView(found.entry), audit: [...found.audit] }
}
