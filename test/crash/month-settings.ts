import type { EpochMs } from '#domain/units.ts'
import type { MonthTime } from './month-time.ts'

export type MonthWorkerOptions = {
  readonly databaseUrl: string
  readonly time: MonthTime
  /** What the environment says of the settings. */
  readonly env: Readonly<Record<string, string>>
  /** How late a run may begin, milliseconds of the market's time: more than the settings allow, where a day is a second. */
  readonly graceMs: number
  readonly home: string
  /** Whether it answers on the API too. */
  readonly isServer: boolean
}

export const LEASE_MS = 2_000
/** Retention of the month, days of the market's time. */
export const KEPT_DAYS = 7

/**
 * The settings of every process: the real ones, with an account that is never asked for anything. Waits that stand for an outage of
 * seconds are as long as one is here, where a minute is a fraction of a second.
 */
export function monthEnvironment(webhookUrl: string): Record<string, string> {
  return {
    ALPACA_API_KEY: 'month',
    ALPACA_SECRET_KEY: 'month',
    SPREADWORKS_WORKERS_LEASE_SECONDS: String(LEASE_MS / 1000),
    SPREADWORKS_QUEUES_HOUSE_GLOBAL_CONCURRENCY: '1',
    SPREADWORKS_RETENTION_LOGS_DAYS: String(KEPT_DAYS),
    SPREADWORKS_RETENTION_RUNS_DAYS: String(KEPT_DAYS),
    SPREADWORKS_ALERTS_WEBHOOK_URL: webhookUrl,
    SPREADWORKS_ALERTS_REPEAT_AFTER_MINUTES: '10080',
    SPREADWORKS_ALERTS_MOST_A_MINUTE: '1000',
    SPREADWORKS_ALERTS_LATE_BARS_MINUTES: '240',
    SPREADWORKS_ALERTS_QUEUE_MINUTES: '480',
    SPREADWORKS_ALERTS_LOW_DISK_MB: '0',
  }
}

/** An interval of the machine's time, epoch ms. */
export type Interval = { readonly from: EpochMs; readonly until: EpochMs }
