import type pg from 'pg'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { saveGap } from './bar-gaps.store.ts'
import { type HistorySource, loadBars, minutesQuestion } from './load-bars.steps.ts'
import { closedUntil } from './stream-watch.ts'

/** Before a refused gap is asked for again. */
const RETRY_MS = 30_000
/** A minute that has just closed may not be at the source yet, and may still be corrected: it is asked for once more. */
const SECOND_LOOK_MS = 75_000

/** Closes the gaps of a stream over REST. */
export type GapCloser = {
  /** The stream broke: what opened at `from` or later may be missing. Of several in a row the first counts. */
  readonly began: (from: EpochMs, cause: string) => void
  /** The stream stands again: what is missing is asked for, until it was answered. */
  readonly ended: () => void
  readonly totals: () => { readonly gaps: number; readonly bars: number; readonly revised: number }
  /** Resolves when nothing is under way; a gap that could not be closed stays in the ledger. */
  readonly close: () => Promise<void>
}

export type GapTerms = {
  readonly pool: pg.Pool
  readonly source: HistorySource
  readonly timer: Timer
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly caller: string
  /** When it aborts, what is asked is given up. */
  readonly signal: AbortSignal
  /** Notes in the ledger what came until now, so that only what comes after counts as repaired. */
  readonly mark: () => Promise<void>
  /** Told once for each gap that cannot be closed at first. */
  readonly onTrouble: (sentence: string) => void
}

export function openGapCloser(terms: GapTerms): GapCloser {
  const { timer, session, caller, signal } = terms
  const leaving = new AbortController()
  const closing = new Set<Promise<void>>()
  let open: { readonly from: EpochMs; readonly cause: string } | undefined
  let totals = { gaps: 0, bars: 0, revised: 0 }

  const fill = async (from: EpochMs, until: EpochMs): Promise<number | undefined> => {
    if (until <= from) return 0
    await terms.mark()
    const question = minutesQuestion(terms.symbols, from, until)
    const loaded = await loadBars(terms, { question, caller, signal, purpose: 'repair' })
    if (!loaded.ok) return undefined
    totals = { ...totals, bars: totals.bars + loaded.value.new, revised: totals.revised + loaded.value.revised }
    return loaded.value.new
  }
  const closeGap = async ({ from, cause }: { readonly from: EpochMs; readonly cause: string }) => {
    const until = closedUntil(session, timer.now())
    if (until <= from) return
    totals = { ...totals, gaps: totals.gaps + 1 }
    const gap = { feed: terms.source.feed, from, until, cause }
    await saveGap(terms.pool, { ...gap, repairedAt: undefined, barsRepaired: 0 })
    for (let isTold = false; !leaving.signal.aborted; isTold = true) {
      const barsRepaired = await fill(from, until)
      if (barsRepaired !== undefined) {
        await saveGap(terms.pool, { ...gap, repairedAt: timer.now(), barsRepaired })
        break
      }
      if (!isTold)
        terms.onTrouble(`The source of ${gap.feed} bars does not answer for a gap (${cause}); it is asked again every 30 s.`)
      await passing(timer, RETRY_MS, leaving.signal)
    }
    await passing(timer, SECOND_LOOK_MS, leaving.signal)
    await fill(epochMs(Math.max(from, until - 2 * MINUTE_MS)), until)
  }
  return {
    began: (from, cause) => {
      open ??= { from, cause }
    },
    ended: () => {
      if (open === undefined) return
      const gap = open
      open = undefined
      const work = closeGap(gap)
        .catch((cause: Error) => {
          if (!signal.aborted) terms.onTrouble(`A gap (${gap.cause}) was not closed: ${cause.message}`)
        })
        .finally(() => closing.delete(work))
      closing.add(work)
    },
    totals: () => totals,
    close: async () => {
      leaving.abort()
      await Promise.all(closing)
    },
  }
}
