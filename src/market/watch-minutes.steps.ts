import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import type { MarketStream } from '#sources/alpaca/market-stream.client.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { type HistorySource, minutesQuestion, SYMBOLS_IN_A_QUESTION } from './load-bars.steps.ts'
import { GRACE_MS, judgeStream, nextMinuteEnd, type StreamHealth } from './stream-watch.ts'

export type CollectorAlert = { readonly at: EpochMs; readonly title: string; readonly body: string }

/** A stream that is looked after; whoever hears it keeps `health` true. */
export type Watched = {
  readonly session: Session
  readonly symbols: readonly Symbol_[]
  readonly source: HistorySource
  readonly timer: Timer
  readonly onAlert: (alert: CollectorAlert) => void
  /** When it aborts, what is asked is given up. */
  readonly signal: AbortSignal
  health: StreamHealth
  stream: MarketStream | undefined
}

/** In whose turn the source is asked whether a silence is one. */
const CALLER = 'market-stream'
const MARKED_EVERY_MINUTES = 5

/**
 * Looks at the stream after every minute of the session: one that should have told of it and did not is made again, with an
 * alert; one that stays away raises an alert once. Calls `mark` every few minutes. `idle` resolves when no look is under way.
 */
export function watchMinutes(running: Watched, mark: () => Promise<void>): { close: () => void; idle: () => Promise<void> } {
  const { session, timer } = running
  let looking: Promise<void> = Promise.resolve()
  let isAwayTold = false
  let callOff = () => {}
  const tell = (title: string, body: string) => running.onAlert({ at: timer.now(), title, body })
  const lookAt = async (minuteEnd: EpochMs) => {
    const verdict = judgeStream(running.health, minuteEnd)
    if (verdict === 'away' && !isAwayTold) {
      tell(
        'Market stream away',
        `The stream of ${running.source.feed} bars has been away since ${timeOf(running.health.downSince)}.`,
      )
    }
    isAwayTold = verdict === 'away' || (isAwayTold && verdict === 'connecting')
    if (verdict === 'mute' && (await hasTraded(running, minuteEnd)) && running.health.isUp) {
      const cause = `the stream stood and told nothing of the minute that closed at ${timeOf(minuteEnd)}`
      tell('Market stream mute', `Of ${running.source.feed} bars, ${cause}; it is made again, and what it missed is asked for.`)
      running.stream?.renew(cause)
    }
    if (((minuteEnd - session.opensAt) / MINUTE_MS) % MARKED_EVERY_MINUTES === 0) await mark()
  }
  const lookLater = () => {
    const minuteEnd = nextMinuteEnd(session, timer.now())
    if (minuteEnd === undefined) return
    callOff = timer.after(minuteEnd + GRACE_MS - timer.now(), () => {
      looking = lookAt(minuteEnd).catch((cause: Error) => {
        if (!running.signal.aborted) tell('Market stream not watched', cause.message)
      })
      lookLater()
    })
  }
  lookLater()
  return { close: () => callOff(), idle: () => looking }
}

/** Whether the source has a bar that the stream should have told by `minuteEnd`, or cannot say: then it is not to be trusted either. */
async function hasTraded({ source, symbols, session, health, signal }: Watched, minuteEnd: EpochMs): Promise<boolean> {
  const from = health.newest === undefined ? session.opensAt : Math.max(session.opensAt, health.newest + MINUTE_MS)
  const question = minutesQuestion(symbols.slice(0, SYMBOLS_IN_A_QUESTION), epochMs(from), minuteEnd)
  const answer = await source.page(question, undefined, { caller: CALLER, signal })
  return !answer.ok || answer.value.table.openedAt.length > 0
}

function timeOf(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
