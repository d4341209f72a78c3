import { setTimeout as delay } from 'node:timers/promises'
import { httpReceiver } from '#alerts/receivers.server.ts'
import type { Database } from '#database/connection.client.ts'
import { randomStream } from '#domain/random.ts'
import { type EpochMs, epochMs, isoFrom } from '#domain/units.ts'
import { connectRuns } from '#flows/connect-runs.client.ts'
import { makeRoomForLogs } from '#flows/logs.store.ts'
import { schedulesOf } from '#flows/scheduled-flows.ts'
import { keepSchedule } from '#flows/schedules.store.ts'
import { readSettingsFiles } from '#settings/settings.file.ts'
import { type Crew, type CrewPlan, openCrew } from './month-crew.ts'
import { beginNoMore, settle } from './month-end.ts'
import { type AlertsVerdict, floods, judgeAlerts, judgeRuns, type RunsVerdict } from './month-runs.ts'
import { monthEnvironment } from './month-settings.ts'
import { monthTables } from './month-tables.ts'
import { type MonthTime, marketNow, wallAt } from './month-time.ts'
import { brokenDependencies, judgeOccurrences, type OccurrencesVerdict } from './month-verdict.ts'
import { type Sample, sampleOf, type Watching, watchMonth } from './month-watch.ts'

export type MonthPlan = {
  readonly database: Database
  /** The server, where it is struck too. */
  readonly server: CrewPlan['server']
  readonly home: string
  readonly from: EpochMs
  readonly until: EpochMs
  /** How many times as fast as the machine's time the market's passes. */
  readonly speed: number
  readonly seed: number
  readonly kills: number
  readonly graceMs: number
  readonly posts: CrewPlan['posts']
  /** How long it takes until all processes have begun, and the month with them; and until one that was struck does again at most, ms. */
  readonly beginMs: number
  readonly emptyMs: number
  /** Settings over those of the month. */
  readonly env?: Readonly<Record<string, string>>
  readonly tell: (line: string) => void
}

export type MonthReport = {
  readonly kills: Readonly<Record<string, number>>
  readonly occurrences: OccurrencesVerdict
  readonly runs: RunsVerdict
  readonly alerts: AlertsVerdict
  readonly dependencies: readonly string[]
  readonly floods: readonly string[]
  readonly died: readonly string[]
  readonly longestOwnerlessMs: number
  readonly longestIdleMs: number
  readonly mostAtOnce: number
  readonly samples: readonly Sample[]
}

const SAMPLE_EVERY_MS = 15_000

/**
 * Full operation from `from` until `until`: every schedule, every flow, retention and alerts, by real processes that are killed at
 * random instants which follow from the seed. Answers what they left.
 */
export async function compressedMonth(plan: MonthPlan): Promise<MonthReport> {
  const { database, from, speed, seed } = plan
  const time: MonthTime = { marketStart: from, wallStart: epochMs(Date.now() + plan.beginMs), speed }
  const receiver = await httpReceiver((response) => response.end())
  const env = { ...monthEnvironment(receiver.url), ...plan.env }
  const schedules = await scheduled(env)
  const runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
  await database.pool.query(monthTables(time))
  await makeRoomForLogs(database.pool, from)
  for (const [flow, phrase] of schedules) await keepSchedule(database.pool, flow, phrase, from)
  const crew = await openCrew({
    ...{ seed, server: plan.server, posts: plan.posts, emptyMs: plan.emptyMs },
    options: { databaseUrl: database.url, time, env, graceMs: plan.graceMs, home: plan.home },
  })
  const watching = watchMonth(database.pool)
  try {
    const { kills, samples } = await pass(plan, { time, crew, watching })
    await settle(database.pool, runs, plan.until)
    await watching.close()
    await crew.close()
    return {
      ...{ kills, samples, died: crew.died },
      occurrences: await judgeOccurrences(database.pool, {
        ...{ time, until: plan.until, graceMs: plan.graceMs, disturbed: crew.disturbed, schedules },
      }),
      runs: await judgeRuns(database.pool, crew.frozen),
      alerts: await judgeAlerts(
        database.pool,
        receiver.posted.map(({ body }) => body),
      ),
      dependencies: await brokenDependencies(database.pool),
      floods: await floods(database.pool, plan.kills),
      longestOwnerlessMs: watching.longestOwnerless(),
      longestIdleMs: watching.longestIdle(),
      mostAtOnce: watching.mostAtOnce(),
    }
  } finally {
    await watching.close()
    await crew.close()
    await runs.close()
    receiver.close()
  }
}

async function scheduled(env: Readonly<Record<string, string>>) {
  const { settings } = await readSettingsFiles(env)
  return new Map([...schedulesOf(settings, true)].filter(([, phrase]) => phrase !== ''))
}

type Passing = { readonly time: MonthTime; readonly crew: Crew; readonly watching: Watching }

/** Lets the month pass, with its kills in between. */
async function pass(plan: MonthPlan, { time, crew, watching }: Passing) {
  const random = randomStream(plan.seed, 'month')
  const [begin, end] = [wallAt(time, plan.from), wallAt(time, plan.until)]
  const instants = Array.from({ length: plan.kills }, () => begin + random.uniform() * (end - begin)).toSorted((a, b) => a - b)
  const kills: Record<string, number> = {}
  const samples: Sample[] = []
  const sampling = sampleUntil(plan, { time, crew, end, samples })
  // At once and not after the last kill, which may be late: what would be begun meanwhile is of no month.
  const ended = delay(Math.max(0, end - Date.now())).then(() => beginNoMore(plan.database.pool, plan.until))
  for (const [i, at] of instants.entries()) {
    await delay(Math.max(0, at - Date.now()))
    watching.pardon()
    const from = Date.now()
    const kind = await crew.strike(random)
    if (kind.startsWith('postgres')) watching.pardon()
    kills[kind] = (kills[kind] ?? 0) + 1
    plan.tell(`${isoFrom(marketNow(time))} ${i + 1} of ${plan.kills}: ${kind}, ${Date.now() - from} ms`)
  }
  await Promise.all([ended, sampling])
  return { kills, samples }
}

type Sampling = { readonly time: MonthTime; readonly crew: Crew; readonly end: number; readonly samples: Sample[] }

async function sampleUntil({ database, tell }: MonthPlan, { time, crew, end, samples }: Sampling): Promise<void> {
  for (; Date.now() < end; await delay(Math.min(SAMPLE_EVERY_MS, Math.max(1, end - Date.now())))) {
    const sample = await sampleOf(database.pool, crew.steady.pid).catch(() => undefined)
    if (sample === undefined) continue
    samples.push(sample)
    const { databaseMb, logDays, runs, memoryMb, handles } = sample
    tell(
      `${isoFrom(marketNow(time))} tables ${databaseMb.toFixed(1)} MB, ${runs} runs, ${logDays} days of logs, memory ${memoryMb.toFixed(0)} MB, ${handles} handles`,
    )
  }
}
