import { setTimeout as delay } from 'node:timers/promises'
import { type RandomStream, randomStream } from '#domain/random.ts'
import { type ConnectedRuns, connectRuns } from '#flows/connect-runs.client.ts'
import type { FlowName } from '#flows/flow-names.ts'
import type { RunRecord } from '#flows/runs.ts'
import type { MortalDatabase } from './own-postgres.ts'
import type { ProbeParameters } from './probe-flows.ts'
import { attempts, repeatedAfterDone, until } from './traces.ts'
import { type ProbeWorker, startWorker } from './worker-process.ts'

export type KillsPlan = {
  /** With the probes' tables. */
  readonly database: MortalDatabase
  readonly seed: number
  readonly kills: number
  /** Workers at any time but the moments after a kill. */
  readonly workers: number
  readonly tell: (line: string) => void
}

/** What a series of kills left. All but `kills` and `runs` have to be empty. */
export type KillsReport = {
  readonly kills: Readonly<Record<string, number>>
  readonly runs: number
  /** Runs that did not end well, with their state. */
  readonly notDone: readonly string[]
  /** Steps begun again after a later one, by workers that were never frozen. */
  readonly repeated: readonly string[]
  /** Steps of which no effect arrived. */
  readonly withoutEffect: readonly string[]
}

const LEASE_MS = 1_500
const FLOWS: readonly FlowName[] = ['train', 'backup', 'load-news', 'load-companies', 'hourly']
const STEPS_OF: Readonly<Partial<Record<string, readonly string[]>>> = {
  train: ['step-0', 'step-1'],
  backup: ['step-0', 'step-1'],
  'load-companies': ['before', 'after'],
  hourly: ['before', 'after'],
}

/**
 * Kills workers and PostgreSQL at random instants that follow from the seed, while runs of every kind are begun, and looks in the
 * end at what was done. Workers are killed, frozen for longer than their lease, or told to stop, and replaced.
 */
export async function randomKills({ database, seed, kills, workers, tell }: KillsPlan): Promise<KillsReport> {
  const random = randomStream(seed, 'kills')
  const crew: Crew = { database, alive: [], frozen: new Set() }
  const runs = await connectRuns({ databaseUrl: database.url, onTrouble: () => {} })
  try {
    await Promise.all(Array.from({ length: workers }, () => join(crew)))
    const counts: Record<string, number> = {}
    for (let kill = 0; kill < kills; kill++) {
      await begin(runs, random, kill)
      await delay(random.below(400))
      const kind = await strike(crew, random)
      counts[kind] = (counts[kind] ?? 0) + 1
      tell(`${kill + 1} of ${kills}: ${kind}`)
      while (crew.alive.length < workers) await join(crew)
    }
    return await reportOn({ crew, runs, counts, begun: kills * FLOWS.length })
  } finally {
    for (const { send } of crew.alive) send('SIGKILL')
    await Promise.all(crew.alive.map(({ ended }) => ended))
    await runs.close()
  }
}

type Crew = {
  readonly database: MortalDatabase
  alive: ProbeWorker[]
  /** Process ids of workers that were frozen once. */
  readonly frozen: Set<number>
}

async function join(crew: Crew): Promise<void> {
  const limits = { house: { atOnce: 2 }, train: { perWorker: 2 }, flows: { perWorker: 1 } }
  // A server that recovers takes no connections for a moment.
  const worker = await until(() => startWorker(crew.database.url, { leaseMs: LEASE_MS, limits }).catch(() => undefined))
  crew.alive = [...crew.alive, worker]
  worker.ended.then(() => {
    crew.alive = crew.alive.filter((one) => one !== worker)
  })
}

async function begin(runs: ConnectedRuns, random: RandomStream, round: number): Promise<void> {
  for (const flow of FLOWS) {
    const parameters: ProbeParameters = { steps: 2, ms: random.below(150), failures: random.below(3) }
    await runs.start({ flow, runId: `${flow}-${round}`, parameters, facts: { round: String(round) }, cause: 'person' })
  }
}

/**
 * One blow, by the next draw: most kill a worker, one in ten each the server (whole, or its first process alone), freezes a worker, or
 * asks one to stop.
 */
async function strike(crew: Crew, random: RandomStream): Promise<string> {
  const [draw, place] = [random.uniform(), random.below(Math.max(1, crew.alive.length))]
  const victim = crew.alive[place]
  if (draw < 0.1 || victim === undefined) {
    const isWhole = draw < 0.05
    await crew.database.kill(isWhole ? 'SIGQUIT' : 'SIGKILL')
    return isWhole ? 'postgres killed' : 'postmaster killed'
  }
  if (draw < 0.2) return frozenForALease(crew, victim)
  const isAsked = draw < 0.3
  victim.send(isAsked ? 'SIGTERM' : 'SIGKILL')
  await victim.ended
  return isAsked ? 'worker stopped' : 'worker killed'
}

async function frozenForALease({ frozen }: Crew, victim: ProbeWorker): Promise<string> {
  frozen.add(victim.pid)
  victim.send('SIGSTOP')
  await delay(LEASE_MS * 1.5)
  victim.send('SIGCONT')
  return 'worker frozen'
}

type Left = {
  readonly crew: Crew
  readonly runs: ConnectedRuns
  readonly counts: Readonly<Record<string, number>>
  readonly begun: number
}

async function reportOn({ crew, runs, counts, begun }: Left): Promise<KillsReport> {
  const all = await until(async () => settled(runs, begun), 60_000)
  const traces = await attempts(crew.database.pool)
  const { rows } = await crew.database.pool.query<{ id: string }>(`select id from public.probe_effects`)
  const effects = new Set(rows.map(({ id }) => id))
  return {
    kills: counts,
    runs: all.length,
    notDone: all.filter(({ state }) => state !== 'done').map(({ id, state }) => `${id} ${state}`),
    repeated: repeatedAfterDone(traces)
      .filter(({ pid }) => !crew.frozen.has(pid))
      .map(({ run, step }) => `${run} ${step}`),
    withoutEffect: all.flatMap(({ id, flow }) =>
      (STEPS_OF[flow] ?? []).map((step) => `${id} ${step}`).filter((id) => !effects.has(id)),
    ),
  }
}

/** All runs once every one of them has ended; undefined before. */
async function settled(runs: ConnectedRuns, begun: number): Promise<RunRecord[] | undefined> {
  const unfinished = await runs.find({ states: ['queued', 'running'], withChildren: true, limit: 1 })
  if (unfinished.length > 0) return undefined
  const all = await runs.find({ withChildren: true, limit: begun * 10 })
  return all.length >= begun ? all : undefined
}
