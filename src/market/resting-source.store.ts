import type { Pool } from 'pg'
import type { BrokerUnavailable } from '#domain/broker.ts'
import { refuse } from '#domain/outcome.ts'
import type { EpochMs } from '#domain/units.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { afterFailure, CLOSED_CIRCUIT, refusalAt } from '#sources/yahoo/circuit.ts'
import type { HistorySource } from './load-bars.steps.ts'
import { noteAnswer, noteUnavailable } from './source-states.store.ts'

/** A source that owes an answer is not left alone for longer: gaps wait for it. */
const LONGEST_PAUSE_MS = 600_000
/** That it answers is written down so often. */
const NOTED_EVERY_MS = 60_000

/**
 * The source, left alone when it does not answer: for a minute after a question was refused, which is after several attempts,
 * or as long as it says, then twice as long after each further refusal up to ten minutes. Meanwhile questions are refused at
 * once. When it last answered and until when it rests is kept under `iex bars`, by its feed, for the page.
 */
export function restingSource(
  { pool, timer }: { readonly pool: Pool; readonly timer: Timer },
  source: HistorySource,
): HistorySource {
  const name = `${source.feed} bars`
  let circuit = CLOSED_CIRCUIT
  let notedAt: EpochMs | undefined
  const answered = async () => {
    circuit = CLOSED_CIRCUIT
    const now = timer.now()
    if (notedAt !== undefined && now - notedAt < NOTED_EVERY_MS) return
    notedAt = now
    await noteAnswer(pool, name, now)
  }
  const refused = async (why: BrokerUnavailable) => {
    const now = timer.now()
    const retryAfterMs = why.kind === 'rate-limited' ? why.retryAfterMs : undefined
    const nextPauseMs = Math.min(circuit.nextPauseMs, LONGEST_PAUSE_MS)
    circuit = afterFailure(
      { ...circuit, nextPauseMs },
      { now, cause: causeOf(why), retryAfterMs: longer(retryAfterMs, nextPauseMs) },
    )
    notedAt = undefined
    await noteUnavailable(pool, name, { at: now, until: circuit.until, cause: circuit.cause })
  }
  return {
    ...source,
    page: async (...asked) => {
      const rest = refusalAt(circuit, timer.now())
      if (rest) return refuse({ kind: 'unreachable', cause: rest.cause })
      const answer = await source.page(...asked)
      await (answer.ok ? answered() : refused(answer.why))
      return answer
    },
  }
}

/** A refusal that says how long to wait was already waited for several times. */
function longer(toldMs: number | undefined, pauseMs: number): number | undefined {
  return toldMs === undefined ? undefined : Math.max(toldMs, pauseMs)
}

function causeOf(why: BrokerUnavailable): string {
  if (why.kind === 'rate-limited') return 'too much was asked'
  return why.kind === 'unauthorised' ? why.message : why.cause
}
