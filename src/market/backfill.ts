import type { Feed } from '#domain/bars.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { type Outcome, ok, refuse } from '#domain/outcome.ts'

/** What a source brought, and why it stopped before the end, if it did. */
export type Brought<Counts> = {
  readonly counts: Counts & { readonly bars: number }
  readonly stopped: BrokerUnavailable | undefined
}

/** A source that did not serve: it had `bars` bars when it stopped answering, or none at all. */
export type PassedOver = {
  readonly feed: Feed
  readonly bars: number
  readonly why: BrokerUnavailable | { readonly kind: 'no-bars' }
}

/** The feed that was filled, with what came into it, and what the ones before it in line said. */
export type Backfilled<Counts> = {
  readonly feed: Feed
  readonly counts: Brought<Counts>['counts']
  readonly passedOver: readonly PassedOver[]
}

export type NoSource = { readonly kind: 'no-source'; readonly passedOver: readonly PassedOver[] }

/**
 * Has a range loaded by the first of `feeds` that has bars of it and tells all of them, each into its own feed: series of two
 * sources are never mixed, and a stand-in is handed in under a feed name of its own. What a source brought before it stopped
 * answering stays in its feed, and the next is asked for all of it.
 */
export async function backfill<Counts>(
  feeds: readonly Feed[],
  load: (feed: Feed) => Promise<Brought<Counts>>,
): Promise<Outcome<Backfilled<Counts>, NoSource>> {
  const passedOver: PassedOver[] = []
  for (const feed of feeds) {
    const { counts, stopped } = await load(feed)
    if (stopped === undefined && counts.bars > 0) return ok({ feed, counts, passedOver })
    passedOver.push({ feed, bars: counts.bars, why: stopped ?? { kind: 'no-bars' } })
  }
  return refuse({ kind: 'no-source', passedOver })
}
