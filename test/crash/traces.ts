import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'

/** An attempt at a step: in the order in which they began. */
export type Attempt = { readonly run: string; readonly step: string; readonly pid: number; readonly at: number }

export async function attempts(sql: Pool, run = '%'): Promise<Attempt[]> {
  const { rows } = await sql.query<Attempt>(
    `select run, step, pid, extract(epoch from at)::float8 * 1000 as at from public.probe_attempts where run like $1 order by probe_attempts.at`,
    [run],
  )
  return rows
}

/** The steps of a run in the order in which they were tried, as `step@n` where n counts the processes that tried it. */
export function tried(all: readonly Attempt[], run: string): string[] {
  return all.filter((attempt) => attempt.run === run).map(({ step }) => step)
}

/** Steps that were begun again after a later one had begun, so after they were done: there must be none. */
export function repeatedAfterDone(all: readonly Attempt[]): Attempt[] {
  const latest = new Map<string, string[]>()
  return all.filter(({ run, step }) => {
    const before = latest.get(run) ?? []
    latest.set(run, [...before, step])
    return before.includes(step) && before.at(-1) !== step
  })
}

/** Resolves with the first answer of `ask` that is not undefined. */
export async function until<T>(ask: () => Promise<T | undefined>, withinMs = 20_000): Promise<T> {
  for (const giveUpAt = performance.now() + withinMs; performance.now() < giveUpAt; await delay(10)) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
  throw new Error(`it was not so within ${withinMs} ms`)
}

/** Resolves when a step of the run has begun. */
export function begun(sql: Pool, run: string, step: string): Promise<Attempt> {
  return until(async () => (await attempts(sql, run)).find((attempt) => attempt.step === step))
}

/** Keeps steps of these names from ending until `openGates`. */
export async function shutGates(sql: Pool, ...steps: readonly string[]): Promise<void> {
  await sql.query(`insert into public.probe_gates select unnest($1::text[])`, [steps])
}

export async function openGates(sql: Pool): Promise<void> {
  await sql.query(`delete from public.probe_gates`)
}

/** What the server's clock shows, epoch ms. */
export async function serverTime(sql: Pool): Promise<number> {
  const { rows } = await sql.query<{ at: number }>(`select extract(epoch from clock_timestamp())::float8 * 1000 as at`)
  return rows[0]?.at ?? Number.NaN
}
