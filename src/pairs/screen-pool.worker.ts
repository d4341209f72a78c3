import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { AssessedPair } from './assess-pair.ts'
import { rankPairs } from './rank-pairs.ts'
import {
  type Candidates,
  candidatesOf,
  concludeScreen,
  type ScreenInput,
  type ScreenProgress,
  type ScreenResult,
  type ScreenRules,
} from './screen.ts'
import type { AssessedSlice, ScreenThreadData } from './screen.worker.ts'

export type ScreenOptions = {
  readonly signal?: AbortSignal
  readonly onProgress?: ScreenProgress
  /** Worker threads; one for each core unless given. The result does not depend on it. */
  readonly threads?: number
}

/** Pairs that a thread is handed at once: small enough to cancel and share evenly, large enough to hide the message. */
const SLICE = 64

/**
 * What `screen` returns, found by worker threads that share the columns. Each pair is assessed by itself and put back in
 * its place, so the result does not depend on the threads. Rejects with the signal's reason when aborted, and with the
 * error of a thread that failed; every thread is gone by then.
 */
export async function screenOffThread(
  input: ScreenInput,
  rules: ScreenRules,
  options: ScreenOptions = {},
): Promise<ScreenResult> {
  options.signal?.throwIfAborted()
  const candidates = candidatesOf(input, rules)
  const assessed = await assessOnThreads(candidates, rules, options)
  return concludeScreen(input, candidates, rankPairs(assessed, rules))
}

async function assessOnThreads(
  candidates: Candidates,
  rules: ScreenRules,
  options: ScreenOptions,
): Promise<readonly AssessedPair[]> {
  const total = candidates.pairs.length
  const threads = Math.min(options.threads ?? availableParallelism(), Math.ceil(total / SLICE))
  const workerData = shareColumns(candidates, rules)
  const workers = Array.from({ length: threads }, () => new Worker(threadEntry(), { workerData }))
  try {
    return await collect(workers, { total, options })
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Hands out slices to whoever is idle until every pair is assessed. */
function collect(
  workers: readonly Worker[],
  { total, options }: { readonly total: number; readonly options: ScreenOptions },
): Promise<readonly AssessedPair[]> {
  const assessed = new Array<AssessedPair>(total)
  let handedOut = 0
  let done = 0
  return new Promise((resolve, reject) => {
    const handOut = (worker: Worker) => {
      if (handedOut >= total) return
      const from = handedOut
      handedOut = Math.min(total, from + SLICE)
      worker.postMessage({ from, until: handedOut })
    }
    const abort = () => reject(options.signal?.reason)
    options.signal?.addEventListener('abort', abort, { once: true })
    const finish = () => {
      options.signal?.removeEventListener('abort', abort)
      resolve(assessed)
    }
    for (const worker of workers) {
      worker.on('error', reject)
      worker.on('message', (slice: AssessedSlice) => {
        slice.assessed.forEach((one, i) => {
          assessed[slice.from + i] = one
        })
        done += slice.assessed.length
        options.onProgress?.(done, total)
        if (done === total) finish()
        else handOut(worker)
      })
      handOut(worker)
    }
    if (total === 0) finish()
  })
}

function shareColumns({ symbols, logPrices, pairs }: Candidates, rules: ScreenRules): ScreenThreadData {
  const rows = logPrices[0]?.length ?? 0
  const shared = new SharedArrayBuffer(logPrices.length * rows * Float64Array.BYTES_PER_ELEMENT)
  const all = new Float64Array(shared)
  logPrices.forEach((column, i) => {
    all.set(column, i * rows)
  })
  return { shared, rows, symbols, pairs, rules }
}

/** The thread's entry beside this file, compiled or not. */
function threadEntry(): URL {
  return new URL(`./screen.worker${extname(import.meta.url)}`, import.meta.url)
}
