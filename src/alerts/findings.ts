import {
  dateInNewYork,
  newYorkInstant,
  nextSession,
  sessionAtInstant,
  sessionOn,
  sessionsBefore,
  sessionsBetween,
} from '#domain/calendar.ts'
import type { Session, SessionDate } from '#domain/sessions.ts'
import { type EpochMs, MINUTE_MS } from '#domain/units.ts'
import type { NewAlert } from './alert.ts'

/** By when what has to have happened. */
export type WatchRules = {
  /** Time of day in New York, `HH:MM`. */
  readonly readyBy: string
  readonly lateBarsMs: number
  /** Time of day in New York, `HH:MM`. */
  readonly dailyBarsBy: string
  readonly sourceMs: number
  readonly modelSessions: number
  readonly lowDiskMb: number
}

/** What is known of this installation at `now`. What is undefined is not expected of it. */
export type WatchFacts = {
  readonly now: EpochMs
  /** The machine that the disk is of. */
  readonly host: string
  /** The feed that is collected in session, and when the newest of its bars in the last session opened. */
  readonly collected: { readonly feed: string; readonly newestAt: EpochMs | undefined } | undefined
  /** The newest day with daily bars of a source; there are none where it is undefined. */
  readonly dailyBars: { readonly newest: SessionDate | undefined } | undefined
  /** Whether the start of today has ended well, and the newest day with a promoted model of the paper or the live book. */
  readonly startOfDay: { readonly isReady: boolean; readonly newestModel: SessionDate | undefined } | undefined
  /** Sources that have answered once and do not now. */
  readonly sources: readonly { readonly source: string; readonly since: EpochMs; readonly cause: string }[]
  /** Queues that no worker serves, with the oldest run that has waited there for too long. */
  readonly unserved: readonly { readonly queue: string; readonly since: EpochMs }[]
  readonly freeMb: number | undefined
}

/** Something that should have happened and did not. Where `mayBegin` is false it keeps an alert open and begins none. */
export type Finding = Omit<NewAlert, 'at' | 'book' | 'runId'> & { readonly mayBegin: boolean }

/** Keys of the alerts that `findings` decides on `host`: one that is open and not found is over. */
export function familiesOn(host: string): readonly string[] {
  return ['not-ready:', 'no-models:', 'stale-models:', 'no-bars:', 'no-daily-bars:', 'source:', 'no-worker:', diskKey(host)]
}

/**
 * What should have happened by `now` and has not, each under a key of its own that stays the same while it goes on. On days
 * without trading nothing of the market's begins to be missed.
 */
export function findings(facts: WatchFacts, rules: WatchRules): Finding[] {
  return [
    ...startOfDayFindings(facts, rules),
    ...barFindings(facts, rules),
    ...dailyBarFindings(facts, rules),
    ...sourceFindings(facts, rules),
    ...houseFindings(facts, rules),
  ]
}

function startOfDayFindings({ now, startOfDay }: WatchFacts, { readyBy, modelSessions }: WatchRules): Finding[] {
  if (startOfDay === undefined) return []
  const { isReady, newestModel } = startOfDay
  const today = dateInNewYork(now)
  const session = sessionOn(today)
  const isDue = session !== undefined && now >= newYorkInstant(today, readyBy)
  const isTradingAhead = isDue && now < session.closesAt
  const found: Finding[] = []
  if (isTradingAhead && !isReady)
    found.push({
      ...{
        key: `not-ready:${today}`,
        severity: 'critical',
        flow: 'start-of-day',
        title: 'The start of day is not ready',
        mayBegin: true,
      },
      body: `It has not ended well by ${readyBy} New York time on ${today}: nothing new is opened until it has.`,
    })
  if (isTradingAhead && isReady && newestModel !== today)
    found.push({
      ...{
        key: `no-models:${today}`,
        severity: 'warning',
        flow: 'start-of-day',
        title: 'No model was promoted today',
        mayBegin: true,
      },
      body: `The start of ${today} has ended, and no pair has a promoted model of the day: nothing new is opened.`,
    })
  if (newestModel === undefined || newestModel >= today) return found
  const age = sessionsBetween(newestModel, today).filter(({ date }) => date > newestModel && (date < today || isDue)).length
  if (age > modelSessions)
    found.push({
      ...{
        key: `stale-models:${newestModel}`,
        severity: 'warning',
        flow: 'start-of-day',
        title: 'The models are old',
        mayBegin: isDue,
      },
      body: `The newest promoted model is of ${newestModel}, ${age} sessions ago; at most ${modelSessions} are allowed.`,
    })
  return found
}

function barFindings({ now, collected }: WatchFacts, { lateBarsMs }: WatchRules): Finding[] {
  const session = sessionAtInstant(now)
  if (collected === undefined || session === undefined) return []
  const { feed, newestAt } = collected
  const knownUntil = Math.max(session.opensAt, newestAt === undefined ? 0 : newestAt + MINUTE_MS)
  if (now - knownUntil <= lateBarsMs) return []
  const minutes = Math.floor((now - knownUntil) / MINUTE_MS)
  return [
    {
      ...{
        key: `no-bars:${feed}:${session.date}`,
        severity: 'critical',
        flow: 'market-stream',
        title: 'No new bars',
        mayBegin: true,
      },
      body: `For ${minutes} minutes of this session no ${feed} bar has been stored.`,
    },
  ]
}

/** One alert from the first day that is missing until there are bars of a later one. */
function dailyBarFindings({ now, dailyBars }: WatchFacts, { dailyBarsBy }: WatchRules): Finding[] {
  const newest = dailyBars?.newest
  if (newest === undefined) return []
  const today = dateInNewYork(now)
  const due = lastDue(now, dailyBarsBy)
  if (due.date <= newest) return []
  const { date: first } = nextSession(newYorkInstant(newest, '23:59'))
  return [
    {
      ...{ key: `no-daily-bars:${first}`, severity: 'warning', flow: 'end-of-day', title: 'Daily bars are missing' },
      mayBegin: sessionOn(today) !== undefined,
      body: `There are none after ${newest}; those of ${due.date} should have come by ${dailyBarsBy} New York time.`,
    },
  ]
}

/** The last session whose `time` in New York has come. */
function lastDue(now: EpochMs, time: string): Session {
  const today = dateInNewYork(now)
  const session = sessionOn(today)
  return session !== undefined && now >= newYorkInstant(today, time) ? session : sessionsBefore(today, 1)[0]
}

/** A source counts from the first trading day on which it has been away for long: at the weekend nobody needs it. */
function sourceFindings({ now, sources }: WatchFacts, { sourceMs }: WatchRules): Finding[] {
  return sources
    .filter(({ since }) => now - since > sourceMs)
    .map(({ source, since, cause }) => ({
      ...{ key: `source:${source}`, severity: 'warning', title: `${source} does not answer` },
      mayBegin: sessionOn(dateInNewYork(now)) !== undefined,
      body: `It has not answered for ${hoursAndMinutes(now - since)}: ${cause}`,
    }))
}

function houseFindings({ now, unserved, freeMb, host }: WatchFacts, { lowDiskMb }: WatchRules): Finding[] {
  const waiting = unserved.map(
    ({ queue, since }): Finding => ({
      ...{ key: `no-worker:${queue}`, severity: 'critical', title: `No worker serves ${queue}`, mayBegin: true },
      body: `A run has waited in the queue ${queue} for ${hoursAndMinutes(now - since)}; start a worker that serves it.`,
    }),
  )
  if (freeMb === undefined || freeMb >= lowDiskMb) return waiting
  const disk: Finding = {
    ...{ key: diskKey(host), severity: 'critical', title: `The disk of ${host} is nearly full`, mayBegin: true },
    body: `${freeMb} MB are free, and alerts.low_disk_mb is ${lowDiskMb}.`,
  }
  return [...waiting, disk]
}

/** Ends with a mark, so that no machine's name is the beginning of another's key. */
function diskKey(host: string): string {
  return `disk:${host}:`
}

function hoursAndMinutes(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
