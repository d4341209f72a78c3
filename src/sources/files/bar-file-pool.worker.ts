import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Fault } from '#domain/fault.ts'
import type { BarBatch, BarFileOptions } from './bar-batch.ts'
import { bytesOf, readBars } from './bar-file.file.ts'
import type { BarFileMessage } from './bar-file.worker.ts'
import type { Tally } from './tally.ts'

/** Batches of a file as they are read, then what was seen in all of it. */
export type BarFileReading = AsyncGenerator<{ readonly batch: BarBatch; readonly bytesDone: number }, Tally>

/** Files up to this size, in bytes, are read before a thread would have started. */
const SMALL = 1 << 17

/** Reads a file of bars: a small one here, any other in a thread of its own. Throws the faults of readBars. */
export async function* readBarFile(path: string, options: BarFileOptions): BarFileReading {
  const bytesDone = await bytesOf(path)
  if (bytesDone > SMALL) return yield* readBarsInThread(path, options)
  const batches: BarBatch[] = []
  const tally = await readBars(path, { options, onBatch: async (batch) => void batches.push(batch) })
  for (const batch of batches) yield { batch, bytesDone }
  return tally
}

/**
 * Reads a file of bars in a thread of its own: unpacking, splitting and checking go on while the consumer stores. The
 * thread is a few batches ahead at most; leaving the loop ends it. Throws the faults of readBars.
 */
export async function* readBarsInThread(path: string, options: BarFileOptions): BarFileReading {
  const entry = new URL(`./bar-file.worker${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(entry, { workerData: { path, options } })
  const messages = messagesOf(worker)
  try {
    for (;;) {
      const message = await messages.next()
      if (message.kind === 'end') return message.tally
      if (message.kind === 'fault') throw new Fault(message.code, message.sentence, { exitCode: message.exitCode })
      yield message
      worker.postMessage('more')
    }
  } finally {
    await worker.terminate()
  }
}

/** The thread's messages one at a time, in order; a thread that dies makes the next one throw. */
function messagesOf(worker: Worker): { readonly next: () => Promise<BarFileMessage> } {
  const queue: BarFileMessage[] = []
  let death: unknown
  let wake = () => {}
  worker.on('message', (message: BarFileMessage) => {
    queue.push(message)
    wake()
  })
  worker.on('error', (failure) => {
    death = failure
    wake()
  })
  worker.on('exit', (code) => {
    death ??= new Error(`the thread that reads the file ended with code ${code}`)
    wake()
  })
  return {
    async next() {
      for (;;) {
        const message = queue.shift()
        if (message) return message
        if (death !== undefined) throw death
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
