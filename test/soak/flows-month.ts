import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newYorkInstant } from '#domain/calendar.ts'
import type { SessionDate } from '#domain/sessions.ts'
import { DAY_MS, epochMs, MINUTE_MS } from '#domain/units.ts'
import { compressedMonth, type MonthReport } from '../crash/month.ts'
import { LEASE_MS } from '../crash/month-settings.ts'
import type { Sample } from '../crash/month-watch.ts'
import { openMortalDatabase } from '../crash/own-postgres.ts'
import type { Soak, SoakTerms } from './soak.ts'

/** With the end of daylight saving time, a holiday and a half day in it. */
const FIRST = newYorkInstant('2018-11-01' as SessionDate, '00:00')
const LAST = newYorkInstant('2018-12-01' as SessionDate, '00:00')
const DAYS = 30
const KILLS = 200
const SPEED = 1800
/** Two thirds of a second of the machine's time. */
const GRACE_MS = 20 * MINUTE_MS
/** Processes that are struck, besides one that never is. */
const POSTS = [
  { name: 'server', isServer: true },
  { name: 'worker-a', isServer: false },
  { name: 'worker-b', isServer: false },
]
/** Besides its lease, a run waits for the next look of another worker, and for the server that ends a frozen one's connection. */
const SLACK_MS = 2_000
const MOST_LAG_MS = 1_000
/** By how much the last quarter of the month may take more than the one before it. */
const MOST_GROWTH = 0.1
const MOST_MORE_HANDLES = 12

/**
 * FAILURES rows 10 to 15 and 20: a month of full operation in 24 minutes, with every schedule, flow, retention and alerts, by processes
 * of which one dies, freezes or is told to stop every few seconds, and PostgreSQL with them. A part is as many days of it, from an
 * empty database; what has to stay flat is only looked at over all of them.
 */
export const flowsMonth: Soak = { name: 'flows-month', run: month }

async function month({ seed, part, parts, tell }: SoakTerms): Promise<void> {
  const [database, home] = [await openMortalDatabase(), await mkdtemp(join(tmpdir(), 'spreadworks-month-'))]
  try {
    // A minute between two looks of the vacuum would be a day here.
    await database.pool.query(`alter system set autovacuum_naptime = '2s'`)
    await database.pool.query('select pg_reload_conf()')
    const report = await compressedMonth({
      ...{
        database,
        server: database,
        home,
        posts: POSTS,
        speed: SPEED,
        tell,
        beginMs: 4_000,
        emptyMs: 2_000,
        graceMs: GRACE_MS,
      },
      ...{ seed: seed * 1_000 + part, kills: Math.ceil(KILLS / parts) },
      ...{ from: midnightAfter(((part - 1) * DAYS) / parts), until: midnightAfter((part * DAYS) / parts) },
    })
    judge(report, { tell, isWhole: parts === 1 })
  } finally {
    await database.close()
    await rm(home, { recursive: true, force: true })
  }
}

/** Days are whole but for the one that ends daylight saving time, of whose hour the night does not care. */
function midnightAfter(days: number) {
  const whole = Math.round(days)
  return whole === DAYS ? LAST : epochMs(FIRST + whole * DAY_MS)
}

function judge(
  report: MonthReport,
  { tell, isWhole }: { readonly tell: (line: string) => void; readonly isWhole: boolean },
): void {
  const { occurrences, runs, alerts, samples } = report
  const lag = (share: number) => occurrences.lagsMs[Math.floor(share * (occurrences.lagsMs.length - 1))] ?? Number.NaN
  tell(`kills ${JSON.stringify(report.kills)}`)
  tell(`${occurrences.occurrences} occurrences: ${occurrences.begun} begun, ${occurrences.missed} told as missed`)
  tell(
    `${runs.runs} runs, ${runs.steps} steps; ${alerts.messages} messages, ${alerts.again} again; ${JSON.stringify(alerts.alerts)}`,
  )
  tell(`lag of ${occurrences.lagsMs.length} while nothing was down: p50 ${lag(0.5)} ms, p99 ${lag(0.99)} ms, most ${lag(1)} ms`)
  tell(`longest without owner ${report.longestOwnerlessMs} ms, longest idle queue ${report.longestIdleMs} ms`)
  const wrong = {
    occurrences: occurrences.wrong,
    ...{ twice: runs.twice, notDone: runs.notDone, repeated: runs.repeated, withoutEffect: runs.withoutEffect },
    ...{ alerts: alerts.wrong, dependencies: report.dependencies, floods: report.floods, died: report.died },
    late: lag(0.99) < MOST_LAG_MS ? [] : [`p99 ${lag(0.99)} ms`],
    ownerless: report.longestOwnerlessMs < LEASE_MS + SLACK_MS ? [] : [`${report.longestOwnerlessMs} ms`],
    idle: report.longestIdleMs < LEASE_MS + SLACK_MS ? [] : [`${report.longestIdleMs} ms`],
    atOnce: report.mostAtOnce <= 1 ? [] : [`${report.mostAtOnce} runs on a queue of one`],
    grown: isWhole ? grownIn(samples, tell) : [],
  }
  tell(JSON.stringify(wrong))
  assert.deepEqual(
    Object.entries(wrong).flatMap(([what, all]) => all.map((one) => `${what}: ${one}`)),
    [],
  )
}

/** The medians of the third and of the last quarter against each other. */
function grownIn(samples: readonly Sample[], tell: (line: string) => void): string[] {
  const quarter = (n: number, of: (sample: Sample) => number) => {
    const some = samples.slice(Math.floor((samples.length * (n - 1)) / 4), Math.floor((samples.length * n) / 4)).map(of)
    return some.toSorted((a, b) => a - b)[Math.floor(some.length / 2)] ?? Number.NaN
  }
  const measured = [
    {
      what: 'tables, MB',
      of: (sample: Sample) => sample.databaseMb,
      isFlat: (a: number, b: number) => b <= a * (1 + MOST_GROWTH),
    },
    { what: 'memory, MB', of: (sample: Sample) => sample.memoryMb, isFlat: (a: number, b: number) => b <= a * (1 + MOST_GROWTH) },
    { what: 'handles', of: (sample: Sample) => sample.handles, isFlat: (a: number, b: number) => b <= a + MOST_MORE_HANDLES },
  ]
  return measured.flatMap(({ what, of, isFlat }) => {
    const medians = [1, 2, 3, 4].map((n) => quarter(n, of))
    tell(`${what} by quarter: ${medians.map((median) => median.toFixed(1)).join(', ')}`)
    const [, , third = Number.NaN, last = Number.NaN] = medians
    return isFlat(third, last) ? [] : [`${what}: ${third.toFixed(1)}, then ${last.toFixed(1)}`]
  })
}
