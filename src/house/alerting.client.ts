import { hostname } from 'node:os'
import type pg from 'pg'
import { configuredChannels, routesOf } from '#alerts/channels.client.ts'
import { openHeartbeat } from '#alerts/heartbeat.client.ts'
import { openNotifier } from '#alerts/notifier.client.ts'
import { type Expected, openWatch, type RunsSeen } from '#alerts/watch.client.ts'
import { freeMegabytes } from '#database/server-place.file.ts'
import { type EpochMs, MINUTE_MS } from '#domain/units.ts'
import { CATALOG } from '#flows/catalog.ts'
import { FLOWS, QUEUES } from '#flows/flow-names.ts'
import type { Runs } from '#flows/runs.ts'
import { isPaused, nextRuns, type ScheduleRecord, scheduleOf } from '#flows/schedule-record.ts'
import { scheduleRecords } from '#flows/schedules.store.ts'
import { workers } from '#flows/workers.store.ts'
import type { Credentials, Settings } from '#settings/schema.ts'
import type { Timer } from '#sources/alpaca/timer.ts'

export type AlertingPlan = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly sql: pg.Pool
  readonly runs: Pick<Runs, 'find'>
  /** Where everything is kept: its disk is watched while the database is there. */
  readonly home: string
  readonly timer: Timer
  readonly say: (sentence: string) => void
}

/** An occurrence that nobody has handled for so long makes the scheduler late, milliseconds. */
const SCHEDULER_LATE_MS = 90_000
/** So many runs are looked at for the one that has waited longest. */
const WAITING_LOOKED_AT = 100

/** Tells people of alerts, watches for what does not happen, and beats for those outside, until it is closed. Nothing waits for it. */
export function openAlerting(plan: AlertingPlan): { readonly close: () => Promise<void> } {
  const { settings, credentials, sql, timer, say } = plan
  const routes = routesOf(settings)
  const open = [
    openNotifier({ sql, channels: configuredChannels(settings, credentials, timer), routes, timer, onTrouble: say }),
    openWatch({
      ...{ sql, timer, host: hostname(), onTrouble: say, rules: { ...rulesOf(settings), repeatAfterMs: routes.repeatAfterMs } },
      expected: async () => expectedOf(await scheduleRecords(sql), plan),
      runs: runsSeen(plan),
      freeMb: async () => (credentials.databaseUrl === undefined ? freeMegabytes(plan.home) : undefined),
    }),
    ...heartbeatOf(plan),
  ]
  return {
    close: async () => {
      await Promise.all(open.map(({ close }) => close()))
    },
  }
}

function rulesOf({ alerts }: Settings) {
  return {
    ...{
      readyBy: alerts.readyBy,
      dailyBarsBy: alerts.dailyBarsBy,
      modelSessions: alerts.modelSessions,
      lowDiskMb: alerts.lowDiskMb,
    },
    lateBarsMs: alerts.lateBarsMinutes * MINUTE_MS,
    sourceMs: alerts.sourceMinutes * MINUTE_MS,
    queueMs: alerts.queueMinutes * MINUTE_MS,
  }
}

/** What runs by itself and is not paused is expected; what needs an account, only with one. */
function expectedOf(records: readonly ScheduleRecord[], { settings, credentials }: AlertingPlan): Expected {
  const running = new Set(
    records
      .filter((record) => scheduleOf(record) !== undefined && !isPaused(record))
      .filter(({ flow }) => credentials.alpaca !== undefined || !CATALOG[flow].needsAccount)
      .map(({ flow }) => flow),
  )
  return {
    collectedFeed: running.has('market-stream') ? settings.alpaca.feed : undefined,
    startOfDay: running.has('start-of-day'),
    dailyBars: running.has('end-of-day'),
  }
}

function runsSeen({ runs, sql }: AlertingPlan): RunsSeen {
  return {
    isReady: async (day) => (await runs.find({ flows: ['start-of-day'], states: ['done'], facts: { day }, limit: 1 })).length > 0,
    lastSuccess: async (name) => {
      const flow = FLOWS.find((one) => one === name)
      const [run] = flow === undefined ? [] : await runs.find({ flows: [flow], states: ['done'], limit: 1 })
      return run && (run.scheduledFor ?? run.askedAt)
    },
    unserved: async (before) => {
      const served = new Set((await workers(sql)).filter(({ state }) => state === 'live').flatMap(({ queues }) => queues))
      const waiting = await Promise.all(
        QUEUES.filter((queue) => !served.has(queue)).map(async (queue) => {
          const flows = FLOWS.filter((flow) => CATALOG[flow].queue === queue)
          const query = { flows, states: ['queued'], until: before, withChildren: true, limit: WAITING_LOOKED_AT } as const
          const oldest = (await runs.find(query)).at(-1)
          return oldest === undefined ? [] : [{ queue, since: oldest.askedAt }]
        }),
      )
      return waiting.flat()
    },
  }
}

function heartbeatOf({ settings: { alerts }, sql, timer, say }: AlertingPlan) {
  if (alerts.heartbeatUrl === undefined) return []
  const illness = async () => latenessOf(await scheduleRecords(sql), timer.now())
  const { heartbeatUrl: url, heartbeatSeconds, timeoutMs } = alerts
  return [openHeartbeat({ url, everyMs: heartbeatSeconds * 1000, timeoutMs, illness, timer, onTrouble: say })]
}

/** Which flow's occurrence has waited for the scheduler for too long; undefined while none has. */
function latenessOf(records: readonly ScheduleRecord[], now: EpochMs): string | undefined {
  const late = records.find((record) => {
    const [next] = nextRuns(record, record.handledThrough, 1)
    return next !== undefined && next < now - SCHEDULER_LATE_MS
  })
  return late === undefined ? undefined : `the scheduler is late: it should have begun ${late.flow}.`
}
