import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Pool } from 'pg'
import { raiseAlert } from '#alerts/alerts.store.ts'
import { dateInNewYork } from '#domain/calendar.ts'
import { Fault } from '#domain/fault.ts'
import { minutesOf, type Session, type SessionDate } from '#domain/sessions.ts'
import { MINUTE_MS } from '#domain/units.ts'
import { type CollectorDependencies, collectSession } from '#market/collect-session.steps.ts'
import type { CollectorReport } from '#market/collector-report.ts'
import { findingOfStatus } from '#market/halts.ts'
import { restingSource } from '#market/resting-source.store.ts'
import { saveFindings, symbolRecords } from '#market/symbol-records.store.ts'
import type { ExchangeDirectory } from '#sources/alpaca/assets.ts'
import type { TradingStatus } from '#sources/alpaca/market-news.ts'
import type { Timer } from '#sources/alpaca/timer.ts'
import { checkCalendar } from './check-calendar.steps.ts'
import { saveLog } from './logs.store.ts'
import type { CollectionParameters, MarketStreamSteps } from './market-stream.flow.ts'
import { saveProgress } from './progress.store.ts'
import type { Progress } from './run-views.ts'

/** How often the progress of a collection is told, milliseconds of the market's time. */
const TOLD_EVERY_MS = 5_000
/** So many of the bars that broke a rule stand in the log. */
const REJECTED_SHOWN = 20
const BY = 'market stream'

type Market = Pick<CollectorDependencies, 'openStream' | 'source'> & { readonly directory: Pick<ExchangeDirectory, 'calendar'> }

export type CollectorsDependencies = {
  readonly sql: Pool
  /** The account whose stream is heard and whose calendar is asked for; undefined without keys. */
  readonly market: ((feed: string) => Market) | undefined
  readonly timer: Timer
  /** Told what cannot be written down. */
  readonly say: (sentence: string) => void
}

/** The collections of this process. */
export type Collectors = {
  readonly steps: MarketStreamSteps
  /** Ends all of them; resolves when what came until now is stored. Their runs go on in the next process. */
  readonly close: () => Promise<void>
}

export function openCollectors(dependencies: CollectorsDependencies): Collectors {
  const closing = new AbortController()
  const underWay = new Set<Promise<CollectorReport>>()
  return {
    steps: {
      collect: async (parameters) => {
        const { cancelSignal } = DBOS.stepStatus ?? {}
        const signal = AbortSignal.any([closing.signal, ...(cancelSignal === undefined ? [] : [cancelSignal])])
        const work = collect(dependencies, parameters, signal)
        underWay.add(work)
        try {
          return await work
        } finally {
          underWay.delete(work)
        }
      },
    },
    close: async () => {
      closing.abort()
      await Promise.allSettled(underWay)
    },
  }
}

async function collect(
  { sql, market, timer, say }: CollectorsDependencies,
  parameters: CollectionParameters,
  signal: AbortSignal,
): Promise<CollectorReport> {
  if (market === undefined)
    throw new Fault('ALPACA_KEYS_MISSING', 'The market is heard with a key; set ALPACA_API_KEY and ALPACA_SECRET_KEY.', {
      exitCode: 2,
    })
  const { openStream, source, directory } = market(parameters.feed)
  const run = DBOS.workflowID ?? 'market-stream'
  const written = oneByOne((cause) => say(`What the market stream told could not be kept: ${cause}`))
  written.add(() => compareCalendars(sql, directory, { session: parameters.session, timer, run }))
  let heard = 0
  let told = ''
  const progress = every(timer, TOLD_EVERY_MS, () => {
    const reached = reachedBy(parameters, { now: timer.now(), heard })
    const text = `${reached.done} ${reached.sentence}`
    if (text === told) return
    told = text
    written.add(() => saveProgress(sql, run, reached))
  })
  try {
    return await collectSession(
      {
        ...{ pool: sql, timer, source: restingSource({ pool: sql, timer }, source) },
        openStream: (symbols, onNews) =>
          openStream(symbols, (news) => {
            if (news.kind === 'bars') heard += news.rows.length
            onNews(news)
          }),
        onAlert: (alert) => {
          const key = `market-stream:${parameters.feed}:${parameters.session.date}:${alert.title}`
          written.add(() => raiseAlert(sql, { ...alert, key, severity: 'critical', flow: 'market-stream', runId: run }))
        },
        onRejected: (rows) =>
          written.add(() => {
            const message = `${rows.length} bars break a rule and are not stored.`
            const fields = { rows: rows.slice(0, REJECTED_SHOWN) }
            return saveLog(sql, { runId: run, step: 'collect', level: 'warn', message, fields })
          }),
        onStatuses: (statuses) => written.add(() => keepStatuses(sql, statuses)),
      },
      parameters,
      signal,
    )
  } finally {
    progress.end()
    await written.idle()
  }
}

/**
 * Compares our calendar with the exchange's, from today until a week after the session: what differs is an alert, and bars are
 * collected by ours all the same.
 */
async function compareCalendars(
  sql: Pool,
  directory: Market['directory'],
  { session, timer, run }: { readonly session: Session; readonly timer: Timer; readonly run: string },
): Promise<void> {
  const at = timer.now()
  const today = dateInNewYork(at)
  const through = Temporal.PlainDate.from(session.date).add({ days: 7 }).toString() as SessionDate
  const checked = await checkCalendar({ sql, directory }, { from: today < session.date ? today : session.date, through, at })
  if (checked.ok) return
  const message = `The calendar was not compared with the exchange's, which did not answer (${checked.why.kind}).`
  await saveLog(sql, { runId: run, step: 'collect', level: 'warn', message })
}

/** What the exchange said of halts, as events of the symbols. */
async function keepStatuses(sql: Pool, statuses: readonly TradingStatus[]): Promise<void> {
  for (const status of statuses) {
    const record = (await symbolRecords(sql)).find(({ symbol }) => symbol === status.symbol)
    const finding = findingOfStatus(record, status)
    if (finding !== undefined) await saveFindings(sql, [finding], { by: BY, at: status.at })
  }
}

/** How far a collection is at `now`, having heard so many bars. */
function reachedBy(
  { session, symbols, feed }: CollectionParameters,
  { now, heard }: { readonly now: number; readonly heard: number },
): Progress {
  const total = minutesOf(session)
  const done = Math.min(total, Math.max(0, Math.floor((now - session.opensAt) / MINUTE_MS)))
  const bars = `${heard.toLocaleString('en-US')} ${feed} bars of ${symbols.length} symbols`
  const sentence = now < session.opensAt ? `${session.date}: waiting for the opening` : `${session.date}: ${bars}`
  return { done, total, unit: 'minutes', sentence }
}

/** Writes in the order in which it was told to; one failure keeps no other from being written. */
function oneByOne(onFailure: (cause: string) => void) {
  let last: Promise<void> = Promise.resolve()
  return {
    add: (write: () => Promise<void>): void => {
      last = last.then(write).catch((cause: Error) => onFailure(cause.message))
    },
    idle: () => last,
  }
}

/** Calls `run` again and again until it is ended. */
function every(timer: Timer, ms: number, run: () => void): { readonly end: () => void } {
  let callOff = () => {}
  const next = () => {
    callOff = timer.after(ms, () => {
      run()
      next()
    })
  }
  next()
  return { end: () => callOff() }
}
