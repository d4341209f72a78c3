import type { Feed } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'
import type { BarsQuestion } from '#sources/alpaca/history.ts'
import type { Saved } from './bar-table.store.ts'
import { type HistorySource, type LoadDependencies, loadBars } from './load-bars.steps.ts'

/** Which source filled a range, and what the ones before it in line said. */
export type Backfilled = Saved & { readonly feed: Feed; readonly passedOver: readonly PassedOver[] }

/** A source that did not serve: it did not answer, or had no bar at all. */
export type PassedOver = { readonly feed: Feed; readonly why: BrokerUnavailable | { readonly kind: 'no-bars' } }

export type NoSource = { readonly kind: 'no-source'; readonly passedOver: readonly PassedOver[] }

/**
 * Loads a range from the first of `sources` that has bars of it, each into its own feed: series of two sources are never
 * mixed, and a stand-in is handed in under a feed name of its own. What a source stored before it stopped answering stays in its feed, and the next is asked for all of it.
 */
export async function backfill(
  { sources, ...rest }: Omit<LoadDependencies, 'source'> & { readonly sources: readonly HistorySource[] },
  question: BarsQuestion,
  caller: string,
): Promise<Outcome<Backfilled, NoSource>> {
  const passedOver: PassedOver[] = []
  for (const source of sources) {
    let bars = 0
    const count = (more: number) => {
      bars += more
    }
    const loaded = await loadBars({ ...rest, source }, { question, caller, purpose: 'history' }, count)
    if (loaded.ok && bars > 0) return ok({ ...loaded.value, feed: source.feed, passedOver })
    passedOver.push({ feed: source.feed, why: loaded.ok ? { kind: 'no-bars' } : loaded.why })
  }
  return refuse({ kind: 'no-source', passedOver })
}
