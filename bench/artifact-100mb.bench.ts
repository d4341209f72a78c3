import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onOwnServer } from './own-server.ts'
import { type Bench, type BenchResult, median } from './result.ts'

const MB = 1_000_000
const ARTIFACT_BYTES = 100 * MB
const PIECE = randomBytes(MB)
const RUNS = 5

type Measured = { readonly seconds: readonly number[]; readonly grownBytes: number }

/** An artifact of 100 MB through the proxy of a tracking server in a process of its own, up and down, and how much that process's memory grows. */
export const bench: Bench = {
  id: 'artifact-100mb',
  results: ['artifact-100mb-up', 'artifact-100mb-down'],
  run: async (): Promise<BenchResult[]> => {
    const folder = await mkdtemp(join(tmpdir(), 'spreadworks-bench-'))
    try {
      return await onOwnServer(({ url }) => withServer(url, folder))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function withServer(databaseUrl: string, folder: string): Promise<BenchResult[]> {
  const server = fork(join(import.meta.dirname, 'artifact-server.worker.ts'), [databaseUrl, folder])
  try {
    const [{ url }] = (await once(server, 'message')) as [{ url: string }]
    const address = `${url}/api/2.0/mlflow-artifacts/artifacts/bench`
    // Small ones first: what is measured is the growth from a server that has served.
    for (let i = 0; i < 20; i++) await upAndDown(`${address}/small`, MB)
    const up = await measured(server, () => upload(`${address}/large`, ARTIFACT_BYTES))
    const down = await measured(server, () => download(`${address}/large`, ARTIFACT_BYTES))
    return [resultOf('artifact-100mb-up', up), resultOf('artifact-100mb-down', down)]
  } finally {
    server.kill()
  }
}

async function measured(server: ChildProcess, work: () => Promise<void>): Promise<Measured> {
  const before = await peakBytes(server)
  const seconds: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now()
    await work()
    seconds.push((performance.now() - startedAt) / 1000)
  }
  return { seconds, grownBytes: (await peakBytes(server)) - before }
}

async function peakBytes(server: ChildProcess): Promise<number> {
  server.send('peak')
  const [told] = (await once(server, 'message')) as [{ peakBytes: number }]
  return told.peakBytes
}

async function upAndDown(url: string, bytes: number): Promise<void> {
  await upload(url, bytes)
  await download(url, bytes)
}

async function upload(url: string, bytes: number): Promise<void> {
  const pieces = function* () {
    for (let sent = 0; sent < bytes; sent += MB) yield PIECE
  }
  const request: RequestInit & { duplex: 'half' } = { method: 'PUT', body: ReadableStream.from(pieces()), duplex: 'half' }
  const reply = await fetch(url, request)
  if (!reply.ok) throw new Error(`the upload was refused: ${await reply.text()}`)
}

async function download(url: string, bytes: number): Promise<void> {
  const reply = await fetch(url)
  let received = 0
  for await (const chunk of reply.body ?? []) received += chunk.length
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes came down`)
}

function resultOf(id: string, { seconds, grownBytes }: Measured): BenchResult {
  return {
    id,
    size: `${ARTIFACT_BYTES / MB} MB`,
    value: ARTIFACT_BYTES / MB / median(seconds),
    unit: 'MB/s',
    note: `the server's peak memory grew by ${Math.round(grownBytes / MB)} MB over ${RUNS} runs`,
  }
}
