import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Database } from '#database/connection.client.ts'
import { artifactsIn } from '../standins/tracking-server/artifacts.file.ts'
import { openTrackingServer } from '../standins/tracking-server/tracking-server.server.ts'
import { onOwnServer } from './own-server.ts'
import type { Bench, BenchResult } from './result.ts'

const CLIENTS = 20
const SECONDS = 30
const RUNS = 10_000
const METRICS = 10
const START = 1_700_000_000_000

/** The tracking server under 20 clients, over sockets, each asking anew as soon as it has its answer. */
export const bench: Bench = {
  id: 'mlflow',
  results: ['mlflow-create-run', 'mlflow-log-batch', 'mlflow-search-runs', 'mlflow-list-runs'],
  run: (isWanted) => onOwnServer((database) => measured(database, isWanted)),
}

async function measured(database: Database, isWanted: (id: string) => boolean): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'spreadworks-bench-'))
  const server = await openTrackingServer({
    ...{ pool: database.pool, artifacts: artifactsIn(folder), mostArtifactBytes: 1 << 20, access: { kind: 'open' } },
    ...{ host: '127.0.0.1', port: 0 },
  })
  try {
    const results: BenchResult[] = []
    for (const { id, one } of WORK) {
      if (!isWanted(id)) continue
      results.push(await one(server.url, database))
    }
    return results
  } finally {
    await server.close()
    await rm(folder, { recursive: true })
  }
}

const WORK: readonly { readonly id: string; readonly one: (url: string, database: Database) => Promise<BenchResult> }[] = [
  { id: 'mlflow-create-run', one: createRuns },
  { id: 'mlflow-log-batch', one: logBatches },
  { id: 'mlflow-search-runs', one: searchRuns },
  { id: 'mlflow-list-runs', one: listRuns },
]

type Load = { readonly path: string; readonly bodies: readonly object[]; readonly clients?: number; readonly seconds?: number }
type Answered = { readonly asked: number; readonly meanMs: number; readonly p95Ms: number; readonly bytes: number }

function answered(url: string, { path, bodies, clients = CLIENTS, seconds = SECONDS }: Load): Promise<Answered> {
  const worker = new Worker(new URL('./http-clients.worker.ts', import.meta.url), {
    workerData: {
      port: Number(new URL(url).port),
      path: `/api/2.0/mlflow/${path}`,
      ...{ clients, seconds, bodies: bodies.map((body) => JSON.stringify(body)) },
    },
  })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** `published`: the mean that MLflow publishes for its own server, and its rewrite in Go. */
function line(
  id: string,
  size: string,
  { asked, meanMs, p95Ms }: Answered,
  against: { publishedMs?: number; mostMs: number },
): BenchResult {
  const peer =
    against.publishedMs === undefined
      ? {}
      : { peer: `MLflow's published ${against.publishedMs} ms`, ratio: against.publishedMs / meanMs }
  const note = `95 % within ${p95Ms.toFixed(1)} ms; ${asked.toLocaleString('en-US')} asked`
  return { id, size, value: meanMs, unit: 'ms', ...peer, limit: `at most ${against.mostMs} ms`, note }
}

async function createRuns(url: string): Promise<BenchResult> {
  const told = await answered(url, { path: 'runs/create', bodies: [runBody(0, '0')] })
  return line('mlflow-create-run', `${CLIENTS} clients, ${SECONDS} s`, told, { publishedMs: 25, mostMs: 5 })
}

async function logBatches(url: string): Promise<BenchResult> {
  const runs = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => madeRun(url, i, '0')))
  const bodies = Array.from({ length: 2000 }, (_, i) => ({
    run_id: runs[i % CLIENTS],
    metrics: metricsAt(i, Math.floor(i / CLIENTS)),
  }))
  const told = await answered(url, { path: 'runs/log-batch', bodies })
  return line('mlflow-log-batch', `${METRICS} metrics, ${CLIENTS} clients, ${SECONDS} s`, told, { publishedMs: 58, mostMs: 5 })
}

async function searchRuns(url: string, { pool }: Database): Promise<BenchResult> {
  const experiment_ids = [await filled(url, 'searched')]
  // The server does so by itself a minute after the tables have grown.
  await pool.query('analyze')
  const bodies = Array.from({ length: 50 }, (_, i) => ({
    experiment_ids,
    filter: `metrics.m0 < ${0.2 + i / 100} and params.depth = '${i % 5}' and attributes.status = 'RUNNING'`,
    order_by: ['metrics.m1 DESC'],
    max_results: 100,
  }))
  const told = await answered(url, { path: 'runs/search', bodies })
  return line('mlflow-search-runs', `${RUNS} runs, ${CLIENTS} clients, ${SECONDS} s`, told, { publishedMs: 1004, mostMs: 50 })
}

async function listRuns(url: string): Promise<BenchResult> {
  const experiment_ids = [await filled(url, 'listed')]
  const bodies = [{ experiment_ids, max_results: RUNS }]
  const told = await answered(url, { path: 'runs/search', bodies, clients: 1, seconds: 5 })
  return line('mlflow-list-runs', `all of ${RUNS} runs, ${(told.bytes / told.asked / 1e6).toFixed(1)} MB`, told, { mostMs: 300 })
}

async function filled(url: string, name: string): Promise<string> {
  const { experiment_id: experiment } = await post<{ experiment_id: string }>(url, 'experiments/create', { name })
  for (let i = 0; i < RUNS; i += CLIENTS) {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, of) => {
        const run_id = await madeRun(url, i + of, experiment)
        const params = [
          { key: 'depth', value: `${(i + of) % 5}` },
          ...['lr', 'seed', 'pair'].map((key) => ({ key, value: `${key}-${i + of}` })),
        ]
        await post(url, 'runs/log-batch', { run_id, metrics: metricsAt(i + of, 0), params })
      }),
    )
  }
  return experiment
}

async function madeRun(url: string, at: number, experiment: string): Promise<string> {
  return (await post<{ run: { info: { run_id: string } } }>(url, 'runs/create', runBody(at, experiment))).run.info.run_id
}

function runBody(at: number, experiment_id: string): object {
  const tags = { 'mlflow.user': 'bench', 'mlflow.source.name': 'train.py', 'mlflow.source.type': 'LOCAL', sector: 'Energy' }
  return {
    experiment_id,
    user_id: 'bench',
    start_time: START + at,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  }
}

function metricsAt(at: number, step: number): object[] {
  // A fraction that looks random and is the same in every run of the bench.
  const value = (i: number) => ((at + i * 31) * 0.618_033_988_75) % 1
  return Array.from({ length: METRICS }, (_, i) => ({ key: `m${i}`, value: value(i), timestamp: START + at, step }))
}

async function post<T>(url: string, path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${url}/api/2.0/mlflow/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`)
  return (await reply.json()) as T
}
