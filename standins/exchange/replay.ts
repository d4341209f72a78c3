import type { OrderRequest } from '#domain/order.ts'
import type { Session } from '#domain/sessions.ts'
import type { Tape, TapeRows } from '#domain/tape.ts'
import { type EpochMs, epochMs, MINUTE_MS } from '#domain/units.ts'
import { extendedHours } from './hours.ts'
import { barOfRow, type LatestBars } from './latest-bars.ts'
import type { Ledger } from './ledger.ts'

/** Something that was asked of an earlier exchange at `at`, to be done again by this one. */
export type JournaledOrder =
  | { readonly kind: 'placed'; readonly at: EpochMs; readonly request: OrderRequest }
  | { readonly kind: 'cancelled'; readonly at: EpochMs; readonly clientOrderId: string }

/** The bars that closed at `closedAt`: rows [begin, end). */
export type MinuteOfRows = { readonly rows: TapeRows; readonly begin: number; readonly end: number; readonly closedAt: EpochMs }

export type ReplayTerms = {
  readonly tape: Tape
  readonly sessions: readonly Session[]
  readonly startAt: EpochMs
  /** Whether minutes before the open and after the close are replayed too. */
  readonly isExtended: boolean
  /** Ascending by `at`. */
  readonly journal: readonly JournaledOrder[]
  readonly ledger: Ledger
  readonly latest: LatestBars
  /** Called when the orders of the minute are matched and told. */
  readonly emit: (minute: MinuteOfRows) => void
  /** Called when a session's orders have expired and its fees are paid. */
  readonly closed: (session: Session) => void
  /** Resolves when the streams can take more. */
  readonly settle: () => Promise<void>
}

export type Replay = {
  /** The last instant up to which everything has happened. */
  readonly reached: () => EpochMs
  /** Lets everything up to and including `to` happen, in order. One call at a time. */
  readonly advance: (to: EpochMs) => Promise<void>
}

type Step =
  | { readonly kind: 'day' | 'open' | 'close'; readonly at: EpochMs; readonly session: Session }
  | { readonly kind: 'minute'; readonly at: EpochMs; readonly minute: MinuteOfRows }

/**
 * The tape as a sequence of instants. At minute m the bar that opened a minute before has closed: working orders meet
 * it, what they did is told, the bars are sent, and only then is m reached. Nothing happens between sessions,
 * or between extended hours when those are replayed.
 */
export function createReplay(terms: ReplayTerms): Replay {
  const { journal, ledger } = terms
  const steps = stepsOf(terms)
  let reached = terms.startAt
  let upcoming: Promise<IteratorResult<Step, void>> | undefined
  let journaled = journal.findIndex((entry) => entry.at >= terms.startAt)
  if (journaled < 0) journaled = journal.length

  const replayJournal = (isDue: (at: EpochMs) => boolean) => {
    for (; journaled < journal.length && isDue(journal[journaled].at); journaled++) {
      const entry = journal[journaled]
      reached = entry.at
      // The answer is the one that was given then; whoever asked has it already.
      if (entry.kind === 'placed') ledger.place(entry.request, entry.at)
      else ledger.cancelByClientId(entry.clientOrderId, entry.at)
    }
  }
  const take = (step: Step) => {
    reached = step.at
    switch (step.kind) {
      case 'day':
        return terms.latest.beginDay()
      case 'open':
        if (!terms.isExtended) terms.latest.beginDay()
        return ledger.open(step.session)
      case 'close':
        ledger.close(step.session)
        return terms.closed(step.session)
      case 'minute':
        return meet(terms, step.minute)
      default:
        return step satisfies never
    }
  }
  const advance = async (to: EpochMs) => {
    for (;;) {
      upcoming ??= steps.next()
      const next = await upcoming
      if (next.done || next.value.at > to) break
      const step = next.value
      // What was asked at an instant came after everything of that instant.
      replayJournal((at) => at < step.at)
      upcoming = undefined
      take(step)
      await terms.settle()
    }
    replayJournal((at) => at <= to)
    reached = to
  }
  return { reached: () => reached, advance }
}

function meet({ ledger, latest, tape, emit }: ReplayTerms, minute: MinuteOfRows): void {
  const { rows, begin, end, closedAt } = minute
  latest.note(rows, begin, end)
  if (ledger.account().working.size > 0) {
    for (let i = begin; i < end; i++) {
      const { symbol } = tape.listings[rows.symbolIndex[i]]
      if (ledger.account().working.has(symbol)) ledger.match(barOfRow(rows, i, symbol), closedAt)
    }
  }
  emit(minute)
}

async function* stepsOf({ tape, sessions, startAt, isExtended }: ReplayTerms): AsyncGenerator<Step, void> {
  for (const session of sessions) {
    const hours = extendedHours(session)
    if ((isExtended ? hours.until : session.closesAt) <= startAt) continue
    const minutes = async function* (from: EpochMs, until: EpochMs): AsyncGenerator<Step, void> {
      for await (const minute of minutesOf(tape, { from, until }, startAt)) yield { kind: 'minute', at: minute.closedAt, minute }
    }
    if (isExtended) {
      if (hours.from > startAt) yield { kind: 'day', at: hours.from, session }
      yield* minutes(hours.from, session.opensAt)
    }
    if (session.opensAt > startAt) yield { kind: 'open', at: session.opensAt, session }
    yield* minutes(session.opensAt, session.closesAt)
    if (session.closesAt > startAt) yield { kind: 'close', at: session.closesAt, session }
    if (isExtended) yield* minutes(session.closesAt, hours.until)
  }
}

/** How much of the tape is held at once. */
const CHUNK_MS = 65 * MINUTE_MS

type Span = { readonly from: EpochMs; readonly until: EpochMs }

/** Every minute of the span that closes after `startAt`, whether anything traded in it or not. */
async function* minutesOf(tape: Tape, span: Span, startAt: EpochMs): AsyncGenerator<MinuteOfRows, void> {
  const passed = Math.max(0, Math.floor((startAt - span.from) / MINUTE_MS))
  const first = span.from + passed * MINUTE_MS
  if (first >= span.until) return
  const rowsFrom = (from: number) => tape.rowsBetween(epochMs(from), epochMs(Math.min(from + CHUNK_MS, span.until)))
  let ahead = rowsFrom(first)
  for (let from = first; from < span.until; from += CHUNK_MS) {
    const rows = await ahead
    const until = Math.min(from + CHUNK_MS, span.until)
    if (until < span.until) {
      ahead = rowsFrom(until)
      // Awaited in the next round; without this a failure in between would count as unhandled.
      ahead.catch(() => undefined)
    }
    let begin = 0
    for (let opened = from; opened < until; opened += MINUTE_MS) {
      let end = begin
      while (end < rows.openedAt.length && rows.openedAt[end] < opened + MINUTE_MS) end++
      yield { rows, begin, end, closedAt: epochMs(opened + MINUTE_MS) }
      begin = end
    }
  }
}
