import type { BrokerUnavailable } from '#domain/broker.ts'
import { type Outcome, ok } from '#domain/outcome.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { Asker } from '#sources/alpaca/history.ts'
import { type Hole, holesIn, markStored } from './bar-ledger.store.ts'
import { type LoadDependencies, loadBars, minutesQuestion, SYMBOLS_IN_A_QUESTION } from './load-bars.steps.ts'

/** What a repair did: bars that were missing and came, bars that were corrected, and symbols that still miss minutes. */
export type Repaired = { readonly repaired: number; readonly revised: number; readonly symbolsMissing: number }

/**
 * Closes the holes of a session: what the ledger misses of `symbols` before `due` is asked for again, in the asker's turn. What
 * the source has is stored and counts as repaired, what it has not is without trade. The ledger is first brought to what is
 * stored. A step of a flow: done twice it changes nothing.
 */
export async function repairSession(
  dependencies: LoadDependencies,
  {
    session,
    symbols,
    due,
    ...asker
  }: Asker & { readonly session: Session; readonly symbols: readonly Symbol_[]; readonly due: EpochMs },
): Promise<Outcome<Repaired, BrokerUnavailable>> {
  const { pool, source } = dependencies
  const page = { feed: source.feed, session }
  await markStored(pool, page, { symbols, due })
  let [repaired, revised] = [0, 0]
  for (const question of questionsFor(await holesIn(pool, page, symbols))) {
    const loaded = await loadBars(dependencies, { question, ...asker, purpose: 'repair' })
    if (!loaded.ok) return loaded
    repaired += loaded.value.new
    revised += loaded.value.revised
  }
  return ok({ repaired, revised, symbolsMissing: (await holesIn(pool, page, symbols)).length })
}

/** Holes that begin and end at similar times are asked for together, so that little is asked for that is there. */
function questionsFor(holes: readonly Hole[]) {
  const ordered = [...holes].sort((a, b) => a.from - b.from || a.until - b.until)
  const parts = Array.from({ length: Math.ceil(ordered.length / SYMBOLS_IN_A_QUESTION) }, (_, i) =>
    ordered.slice(i * SYMBOLS_IN_A_QUESTION, (i + 1) * SYMBOLS_IN_A_QUESTION),
  )
  return parts.map((part) =>
    minutesQuestion(
      part.map(({ symbol }) => symbol),
      epochMs(Math.min(...part.map(({ from }) => from))),
      epochMs(Math.max(...part.map(({ until }) => until))),
    ),
  )
}
