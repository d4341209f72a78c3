import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Fault } from '#domain/fault.ts'
import type { CorrelationThreadStart } from './correlation.worker.ts'
import { type CorrelationKernel, type SharedMemory, sharedMemory } from './correlation-kernel.ts'
import { type CorrelationLayout, layoutOf } from './correlation-layout.ts'
import { readCorrelations, rowsOf, writeColumns } from './correlation-work.ts'
import type { Correlations } from './correlations.ts'

/** Threads that correlate many columns together, and the memory that they share. */
export type CorrelationPool = {
  /**
   * Pearson's correlation of every column with every other: to the byte what `correlateColumns` finds on one thread, for
   * the same kernel. `columns`: [n] each, NaN where not observed; they are read when earlier calls are done. Rejects with a
   * RangeError where they differ in length or 4 GiB do not hold them, with CORRELATION_THREAD_LOST when a thread dies of
   * it, and with CORRELATION_POOL_CLOSED.
   */
  readonly correlate: (columns: readonly Float64Array[]) => Promise<Correlations>
  /** Ends the threads. */
  readonly close: () => Promise<void>
}

/**
 * Opens a pool of `threads` threads, at least one. They start with the first call, and anew when one needs more memory than
 * those before; idle ones do not keep the process alive.
 */
export function openCorrelationPool({ threads, kernel }: PoolOptions): CorrelationPool {
  let crew: Crew | undefined
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false

  const correlate = async (columns: readonly Float64Array[]): Promise<Correlations> => {
    if (isClosed) throw closed()
    const layout = layoutOf({ columns: columns.length, rows: rowsOf(columns), threads })
    if (crew && crew.memory.buffer.byteLength < layout.bytes) await dismiss()
    crew ??= startCrew({ threads, kernel }, sharedMemory(layout.bytes))
    const { memory, workers } = crew
    writeColumns(columns, { memory, layout })
    try {
      await Promise.all(workers.map((worker) => partOf(worker, layout)))
    } catch (cause) {
      // The others may wait for what the lost one had begun.
      await dismiss()
      throw isClosed ? closed() : lost(cause)
    }
    return readCorrelations({ memory, layout })
  }
  const dismiss = async () => {
    const dismissed = crew
    crew = undefined
    await Promise.all(dismissed?.workers.map((worker) => worker.terminate()) ?? [])
  }
  return {
    correlate: (columns) => {
      const result = last.then(() => correlate(columns))
      last = result.catch(() => undefined)
      return result
    },
    close: async () => {
      isClosed = true
      await dismiss()
    },
  }
}

type PoolOptions = { readonly threads: number; readonly kernel: CorrelationKernel }

/** Threads over one memory. */
type Crew = { readonly memory: SharedMemory; readonly workers: readonly Worker[] }

function startCrew({ threads, kernel }: PoolOptions, memory: SharedMemory): Crew {
  const entry = new URL(`./correlation.worker${extname(import.meta.url)}`, import.meta.url)
  const workers = Array.from({ length: threads }, (_, thread) => {
    const workerData: CorrelationThreadStart = { kernel, memory, thread }
    const worker = new Worker(entry, { workerData })
    worker.unref()
    return worker
  })
  return { memory, workers }
}

/** Settles when the thread has taken its part, or is gone. */
async function partOf(worker: Worker, layout: CorrelationLayout): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onMessage = () => resolve()
  const onExit = () => reject(new Error('it ended'))
  worker.ref()
  worker.on('message', onMessage).on('error', reject).on('exit', onExit)
  try {
    worker.postMessage(layout)
    await promise
  } finally {
    worker.off('message', onMessage).off('error', reject).off('exit', onExit)
    worker.unref()
  }
}

function lost(cause: unknown): Fault {
  const said = cause instanceof Error ? `: ${cause.message}` : ''
  const sentence = `A thread ended before the columns were correlated${said}; ask for the correlations again.`
  return new Fault('CORRELATION_THREAD_LOST', sentence, { cause })
}

function closed(): Fault {
  return new Fault(
    'CORRELATION_POOL_CLOSED',
    'The correlation threads were closed before the columns were correlated; open them again.',
  )
}
