import type pg from 'pg'
import { dateInNewYork } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { passing, type Timer } from '#sources/alpaca/timer.ts'
import { openAlertsUnder, raiseAlert, resolveAlert } from './alerts.store.ts'
import { type Finding, familiesOn, findings, type WatchFacts, type WatchRules } from './findings.ts'
import { flowOfMissed, MISSED } from './missed-run.ts'
import { speakOnce } from './speak-once.ts'
import { newestBarOf, newestDailyBars, newestPromotedModel, silentSources } from './watch-facts.store.ts'

/** What may be expected of this installation. */
export type Expected = {
  /** The feed that is collected in session; undefined without an account. */
  readonly collectedFeed: string | undefined
  /** Whether a start of day begins by itself. */
  readonly startOfDay: boolean
  /** Whether an end of day begins by itself. */
  readonly dailyBars: boolean
}

/** What has become of runs, as those know who carry them out. */
export type RunsSeen = {
  /** Whether the start of this day has ended well. */
  readonly isReady: (day: SessionDate) => Promise<boolean>
  /** The instant that the newest run of the flow that has ended well was for. */
  readonly lastSuccess: (flow: string) => Promise<EpochMs | undefined>
  /** Queues that no live worker serves, with the instant since when the oldest of the runs waits that were asked for before `before`. */
  readonly unserved: (before: EpochMs) => Promise<WatchFacts['unserved']>
}

export type WatchOptions = {
  readonly sql: pg.Pool
  readonly timer: Timer
  readonly expected: () => Promise<Expected>
  readonly runs: RunsSeen
  readonly host: string
  /** Megabytes (10⁶ bytes) free on this machine's disk; undefined where that does not matter. */
  readonly freeMb: () => Promise<number | undefined>
  readonly rules: WatchRules & {
    /** Work may wait so long without a worker, milliseconds. */
    readonly queueMs: number
    /** What goes on is raised again after so long, milliseconds. */
    readonly repeatAfterMs: number
  }
  readonly onTrouble: (sentence: string) => void
}

const LOOK_EVERY_MS = 30_000

/**
 * Looks again and again for what should have happened and did not, raises an alert for each such thing and ends it when it is
 * over. Any number of processes may watch: the alerts are the same ones.
 */
export function openWatch(options: WatchOptions): { readonly close: () => Promise<void> } {
  const { timer, onTrouble } = options
  const ending = new AbortController()
  const trouble = speakOnce(onTrouble, 'Nobody watches for what does not happen')
  const loop = async () => {
    for (; !ending.signal.aborted; await passing(timer, LOOK_EVERY_MS, ending.signal)) await trouble(lookOnce(options))
  }
  const watching = loop()
  return {
    close: async () => {
      ending.abort()
      await watching
    },
  }
}

/** One look: raises what is found, ends what is over. */
export async function lookOnce(options: WatchOptions): Promise<void> {
  const { sql, rules, host } = options
  const facts = await factsOf(options)
  const found = findings(facts, rules)
  const open = new Map((await openAlertsUnder(sql, familiesOn(host))).map((alert) => [alert.key, alert]))
  for (const finding of found) {
    const known = open.get(finding.key)
    if (known === undefined ? finding.mayBegin : known.lastAt <= facts.now - rules.repeatAfterMs)
      await raiseAlert(sql, alertOf(finding, facts.now))
  }
  const isFound = new Set(found.map(({ key }) => key))
  for (const key of open.keys()) if (!isFound.has(key)) await resolveAlert(sql, key, facts.now)
  await endMissed(options)
}

function alertOf({ mayBegin: _, ...finding }: Finding, at: EpochMs) {
  return { ...finding, at }
}

async function factsOf({ sql, timer, expected, runs, host, freeMb, rules }: WatchOptions): Promise<WatchFacts> {
  const now = timer.now()
  const today = dateInNewYork(now)
  const { collectedFeed: feed, startOfDay, dailyBars } = await expected()
  return {
    ...{ now, host },
    collected: feed === undefined ? undefined : { feed, newestAt: await newestBarOf(sql, feed, today) },
    dailyBars: dailyBars ? { newest: await newestDailyBars(sql) } : undefined,
    startOfDay: startOfDay ? { isReady: await runs.isReady(today), newestModel: await newestPromotedModel(sql) } : undefined,
    sources: await silentSources(sql),
    unserved: await runs.unserved(epochMs(now - rules.queueMs)),
    freeMb: await freeMb(),
  }
}

/**
 * A missed run is over when it, or a later one of its flow, has ended well; as of the instant that that one was for, since others after
 * it may have been missed too, which somebody tells of later.
 */
async function endMissed({ sql, runs }: WatchOptions): Promise<void> {
  for (const { key, lastAt } of await openAlertsUnder(sql, [MISSED])) {
    const succeededFor = await runs.lastSuccess(flowOfMissed(key))
    if (succeededFor !== undefined && succeededFor >= lastAt) await resolveAlert(sql, key, succeededFor)
  }
}
