import type pg from 'pg'
import type { TableRow } from '#domain/bar-table.ts'
import type { BrokerUnavailable } from '#domain/broker.ts'
import type { Outcome } from '#domain/outcome.ts'
import type { Session } from '#domain/sessions.ts'
import type { Symbol_ } from '#domain/symbol.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import type { MarketNews, TradingStatus } from '#sources/alpaca/market-news.ts'
import type { MarketStream } from '#sources/alpaca/market-stream.client.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { type BarKeeper, openBarKeeper } from './bar-keeper.store.ts'
import { holesIn, markPresent, markStored } from './bar-ledger.store.ts'
import type { CollectorReport } from './collector-report.ts'
import { type GapCloser, openGapCloser } from './gap-closer.steps.ts'
import type { HistorySource } from './load-bars.steps.ts'
import { type JumpKeeper, openJumpKeeper } from './minute-jumps.store.ts'
import { closesOf } from './minute-jumps.ts'
import { type Repaired, repairSession } from './repair.steps.ts'
import { type SessionMarks, sessionMarks } from './session-marks.ts'
import { closedUntil, lostFrom } from './stream-watch.ts'
import { type CollectorAlert, type Watched, watchMinutes } from './watch-minutes.steps.ts'

export type CollectorDependencies = {
  readonly pool: pg.Pool
  /** Opens the account's one stream of bars, corrections and statuses of `symbols`. */
  readonly openStream: (symbols: readonly Symbol_[], onNews: (news: MarketNews) => void) => MarketStream
  /** Recorded bars of the same feed. */
  readonly source: HistorySource
  readonly timer: Timer
  readonly onAlert: (alert: CollectorAlert) => void
  /** Told of bars that break a rule; they are not stored. */
  readonly onRejected: (rows: readonly TableRow[], at: EpochMs) => void
  readonly onStatuses: (statuses: readonly TradingStatus[]) => void
}

const CALLER = 'market-stream'
/** Corrections of the last minute come until then. */
const AFTER_CLOSE_MS = 90_000
/** A source that does not answer after the close is asked again, so long; what it then still owes is left to the end of the day. */
const REPAIRED_WITHIN_MS = 30 * 60_000
const ASKED_AGAIN_AFTER_MS = 60_000
/** Beyond this many bars in memory the socket is not read, and below a quarter of it is again. */
const MOST_WAITING = 400_000

/**
 * Collects a session's 1-minute bars from now until 90 s after its close, or until the source has answered for what is missing, 30 minutes at most: stores them as they come, corrections as revisions,
 * looks after the stream by what the calendar lets it expect, closes every gap over REST, and keeps the ledger. Minutes that
 * jump are held back before they are stored. Begun in the
 * middle of a session, or again after a kill, it first asks for what is missing. When `signal` aborts it ends early, whatever
 * is asked and not answered yet is given up, and what came until then is stored and noted.
 */
export async function collectSession(
  dependencies: CollectorDependencies,
  plan: { readonly session: Session; readonly symbols: readonly Symbol_[] },
  signal: AbortSignal,
): Promise<CollectorReport> {
  const { pool, timer } = dependencies
  const { session, symbols } = plan
  const page = { feed: dependencies.source.feed, session }
  await markStored(pool, page, { symbols, due: closedUntil(session, timer.now()) })
  const onHeld = (body: string) => dependencies.onAlert({ at: timer.now(), title: 'Prices not believed', body })
  const jumps = await openJumpKeeper({ ...page, pool, symbols, now: timer.now, onHeld })
  const source = judged(dependencies.source, jumps)
  const collector = startCollector({ ...dependencies, source, jumps }, plan, signal)
  await passing(timer, session.closesAt + AFTER_CLOSE_MS - timer.now(), signal)
  const seen = await collector.close()
  const last = await unlessGivenUp(signal, () => lastRepair({ pool, source, timer }, plan, signal))
  if (!last?.ok) return { ...seen, symbolsMissing: (await holesIn(pool, page, symbols)).length }
  const { repaired, revised, symbolsMissing } = last.value
  return { ...seen, repaired: seen.repaired + repaired, revised: seen.revised + revised, symbolsMissing }
}

/** Asks for what is missing after the close, again and again while the source does not answer. */
async function lastRepair(
  dependencies: Pick<CollectorDependencies, 'pool' | 'source' | 'timer'>,
  { session, symbols }: { readonly session: Session; readonly symbols: readonly Symbol_[] },
  signal: AbortSignal,
): Promise<Outcome<Repaired, BrokerUnavailable>> {
  const { timer } = dependencies
  const until = session.closesAt + REPAIRED_WITHIN_MS
  while (true) {
    const due = closedUntil(session, timer.now())
    const repaired = await repairSession(dependencies, { session, symbols, due, caller: CALLER, signal })
    if (repaired.ok || timer.now() >= until) return repaired
    await passing(timer, ASKED_AGAIN_AFTER_MS, signal)
    signal.throwIfAborted()
  }
}

/** What `work` comes to; undefined when `signal` aborts before or meanwhile. */
async function unlessGivenUp<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined
  try {
    return await work()
  } catch (cause) {
    if (signal.aborted) return undefined
    throw cause
  }
}

/** The source, its minutes being judged before anybody stores them. */
function judged(source: HistorySource, jumps: JumpKeeper): HistorySource {
  return {
    ...source,
    page: async (...asked) => {
      const answer = await source.page(...asked)
      if (answer.ok) await jumps.look(closesOf(answer.value.table))
      return answer
    },
  }
}

type Collector = { readonly close: () => Promise<Omit<CollectorReport, 'symbolsMissing'>> }

/** What runs while a session is collected. */
type Running = CollectorDependencies &
  Watched & { readonly marks: SessionMarks; readonly keeper: BarKeeper; readonly gaps: GapCloser }

function startCollector(
  dependencies: CollectorDependencies & { readonly jumps: JumpKeeper },
  { session, symbols }: { readonly session: Session; readonly symbols: readonly Symbol_[] },
  signal: AbortSignal,
): Collector {
  const { pool, source, timer, onAlert, jumps } = dependencies
  const marks = sessionMarks(session, symbols)
  const alert = (title: string) => (body: string) => onAlert({ at: timer.now(), title, body })
  const keeper = openBarKeeper({
    ...{ pool, feed: source.feed, timer, beforeStored: jumps.look },
    onRejected: (rows) => dependencies.onRejected(rows, timer.now()),
    onTrouble: alert('Bars not stored'),
    onStored: () => {
      if (keeper.waiting() < MOST_WAITING / 4) running.stream?.release()
    },
  })
  const mark = async () => {
    await keeper.idle()
    await markPresent(pool, { feed: source.feed, session }, { marks: marks.marks(), due: closedUntil(session, timer.now()) })
  }
  const asking = { source, timer, session, symbols, caller: CALLER, signal }
  const gaps = openGapCloser({ ...asking, pool, mark, onTrouble: alert('Gap not closed') })
  const health = { isUp: false, downSince: timer.now(), newest: undefined }
  const running: Running = { ...dependencies, session, symbols, signal, marks, keeper, gaps, health, stream: undefined }
  gaps.began(lostFrom(session, undefined), 'collecting had not begun')
  running.stream = dependencies.openStream(symbols, (news) => hear(running, news))
  const watch = watchMinutes(running, mark)
  return {
    close: async () => {
      watch.close()
      await running.stream?.close()
      await keeper.idle()
      await Promise.all([watch.idle(), gaps.close()])
      await mark()
      const { new: bars, revised, slowestMs } = keeper.totals()
      return { bars, slowestMs, revised: revised + gaps.totals().revised, gaps: gaps.totals().gaps, repaired: gaps.totals().bars }
    },
  }
}

function hear(running: Running, news: MarketNews): void {
  const { keeper, marks, gaps, session, timer } = running
  switch (news.kind) {
    case 'bars':
    case 'updated-bars': {
      const newest = news.rows.reduce((last, { openedAt }) => Math.max(last, openedAt), running.health.newest ?? 0)
      running.health = { ...running.health, newest: epochMs(newest) }
      marks.note(news.rows)
      keeper.take(news.rows, news.kind === 'bars' ? 'keep' : 'replace')
      if (keeper.waiting() > MOST_WAITING) running.stream?.hold()
      return
    }
    case 'daily-bars':
      // The running day is not a finished bar.
      return
    case 'statuses':
      running.onStatuses(news.statuses)
      return
    case 'up':
      running.health = { ...running.health, isUp: true }
      gaps.ended()
      return
    case 'down':
      running.health = { ...running.health, isUp: false, downSince: timer.now() }
      gaps.began(lostFrom(session, running.health.newest), news.cause)
      return
    case 'refused':
      return
    default:
      news satisfies never
  }
}
