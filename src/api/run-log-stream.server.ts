import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogPage } from './contract.ts'
import type { FlowControl } from './flow-control.ts'

const LOOK_EVERY_MS = 400
const BEAT_EVERY_LOOKS = 12
const MOST_LINES_A_LOOK = 1000
const AGAIN_AFTER_MS = 1_000
const STEADY: ReadonlySet<string> = new Set(['queued', 'running'])

export type Followed = {
  readonly runId: string
  readonly page: LogPage
  readonly stream: ServerResponse
  /** Streams that are open; this one is among them until it ends. */
  readonly open: Set<ServerResponse>
}

/**
 * Sends a run's lines as server-sent events, each with its id, then each that is written, and `end` once the run has ended
 * and all was sent. Whoever comes back names the last line that it saw.
 */
export function openLogStream(flows: FlowControl, followed: Followed): void {
  const { stream, open } = followed
  stream.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  stream.write(`retry: ${AGAIN_AFTER_MS}\n\n`)
  open.add(stream)
  stream.once('close', () => open.delete(stream))
  // Whoever reads comes back by itself, naming the line it saw last.
  follow(flows, followed).catch(() => stream.destroy())
}

async function follow(flows: FlowControl, { runId, page, stream }: Followed): Promise<void> {
  const { before: _, ...from } = page
  let seen: LogPage = from
  for (let look = 0; !stream.destroyed; look++) {
    // Asked before the lines: what was written until the end is then among them.
    const { run } = await flows.run(runId)
    const lines = await flows.logs(runId, seen)
    for (const line of lines) stream.write(`id: ${line.id}\ndata: ${JSON.stringify(line)}\n\n`)
    seen = { ...from, limit: MOST_LINES_A_LOOK, after: lines.at(-1)?.id ?? seen.after ?? 0 }
    if (!STEADY.has(run.state) && lines.length === 0) return void stream.end('event: end\ndata: {}\n\n')
    if (look % BEAT_EVERY_LOOKS === 0) stream.write(': beat\n\n')
    await sleep(LOOK_EVERY_MS)
  }
}
