import type { Pool } from 'pg'
import { attempts, repeatedAfterDone } from './traces.ts'

/** What became of the runs; all but `runs` and `steps` have to be empty. */
export type RunsVerdict = {
  readonly runs: number
  readonly steps: number
  /** Begun more than once, by whomever. */
  readonly twice: readonly string[]
  readonly notDone: readonly string[]
  /** Steps that were begun again after a later one, by processes that were never frozen. */
  readonly repeated: readonly string[]
  /** Steps of runs that are done of which no effect arrived. */
  readonly withoutEffect: readonly string[]
}

const SHOWN = 20

export async function judgeRuns(sql: Pool, frozen: ReadonlySet<number>): Promise<RunsVerdict> {
  const texts = async (query: string) => (await sql.query<{ said: string }>(query)).rows.map(({ said }) => said)
  const count = async (query: string) => (await sql.query<{ count: number }>(query)).rows[0]?.count ?? 0
  const repeated = repeatedAfterDone(await attempts(sql)).filter(({ pid }) => !frozen.has(pid))
  return {
    runs: await count(`select count(distinct run)::int as count from public.month_begun`),
    steps: await count(`select count(distinct (run, step))::int as count from public.probe_attempts`),
    twice: await texts(
      `select run || ' ' || count(*) || ' times' as said from public.month_begun group by run having count(*) > 1 limit ${SHOWN}`,
    ),
    notDone: await texts(
      `select run || ' ' || coalesce(e.status, 'has not ended') as said from public.month_begun as b
       left join public.month_ended as e using (run) where e.status is distinct from 'SUCCESS' limit ${SHOWN}`,
    ),
    repeated: repeated.slice(0, SHOWN).map(({ run, step }) => `${run} ${step}`),
    withoutEffect: await texts(
      `select distinct a.run || ' ' || a.step as said from public.probe_attempts as a
       join public.month_ended as e on e.run = a.run and e.status = 'SUCCESS'
       where not exists (select from public.probe_effects as f where f.id = a.run || ' ' || a.step) limit ${SHOWN}`,
    ),
  }
}

/** A message as the webhook has it. */
type Told = {
  readonly id: string
  readonly alerts: readonly { readonly id: string; readonly what: string; readonly key: string }[]
}

export type AlertsVerdict = {
  /** Alerts by the first part of their keys. */
  readonly alerts: Readonly<Record<string, number>>
  /** Messages that arrived, and how many of them again under the same id. */
  readonly messages: number
  readonly again: number
  /** Alerts that were told more or less often than they were to be. */
  readonly wrong: readonly string[]
}

/** Holds what arrived at the webhook, `bodies`, against the alerts that were to be told. */
export async function judgeAlerts(sql: Pool, bodies: readonly string[]): Promise<AlertsVerdict> {
  const posted = bodies.map((body): Told => JSON.parse(body))
  const once = new Map(posted.map((message) => [message.id, message]))
  const arrived = new Map<string, number>()
  for (const { alerts } of once.values())
    for (const { id, what } of alerts) arrived.set(`${id} ${what}`, (arrived.get(`${id} ${what}`) ?? 0) + 1)
  const { rows: due } = await sql.query<{ one: string; key: string; times: number; sent: number }>(
    `select d.alert || ' ' || d.what as one, min(a.key) as key, count(*)::int as times,
            count(*) filter (where d.state = 'sent')::int as sent
     from spreadworks.alert_deliveries as d join spreadworks.alerts as a on a.id = d.alert group by 1`,
  )
  const { rows: kinds } = await sql.query<{ kind: string; count: number }>(
    `select split_part(key, ':', 1) as kind, count(*)::int as count from spreadworks.alerts group by 1 order by 1`,
  )
  return {
    alerts: Object.fromEntries(kinds.map(({ kind, count }) => [kind, count])),
    messages: posted.length,
    again: posted.length - once.size,
    wrong: [
      ...due
        .filter(({ one, times, sent }) => times !== 1 || sent !== 1 || arrived.get(one) !== 1)
        .map(({ one, key, times, sent }) => `${key} ${one}: ${times} to be told, ${sent} told, ${arrived.get(one) ?? 0} arrived`),
      ...[...arrived.keys()]
        .filter((one) => !due.some((row) => row.one === one))
        .map((one) => `${one} arrived and was not to be told`),
    ],
  }
}

/** Alerts that one cause made more than one of: each family of keys tells a thing that is so once a day. */
export async function floods(sql: Pool, most: number): Promise<string[]> {
  const { rows } = await sql.query<{ said: string }>(
    `select key || ' ' || count(*) as said from spreadworks.alerts group by key having count(*) > $1`,
    [most],
  )
  return rows.map(({ said }) => said)
}
