import { parentPort, workerData } from 'node:worker_threads'
import { Fault } from '#domain/fault.ts'
import type { BarBatch, BarFileOptions } from './bar-batch.ts'
import { readBars } from './bar-file.file.ts'
import type { Tally } from './tally.ts'

/** Batches that may be on their way at once: enough that neither side waits, few enough to keep memory constant. */
const BATCHES_AHEAD = 4

/** What the thread says; it is asked only for more batches. */
export type BarFileMessage =
  | { readonly kind: 'batch'; readonly batch: BarBatch; readonly bytesDone: number }
  | { readonly kind: 'end'; readonly tally: Tally }
  | { readonly kind: 'fault'; readonly code: string; readonly sentence: string; readonly exitCode: 1 | 2 }

if (parentPort) {
  const port = parentPort
  const { path, options } = workerData as { path: string; options: BarFileOptions }
  let allowed = BATCHES_AHEAD
  let onAllowed = Promise.withResolvers<void>()
  port.on('message', () => {
    allowed++
    onAllowed.resolve()
  })
  const onBatch = async (batch: BarBatch, { bytesDone }: { bytesDone: number }) => {
    while (allowed === 0) {
      onAllowed = Promise.withResolvers()
      await onAllowed.promise
    }
    allowed--
    port.postMessage({ kind: 'batch', batch, bytesDone } satisfies BarFileMessage, buffersOf(batch))
  }
  try {
    const tally = await readBars(path, { options, onBatch })
    port.postMessage({ kind: 'end', tally } satisfies BarFileMessage)
  } catch (failure) {
    if (!(failure instanceof Fault)) throw failure
    const { code, message: sentence, exitCode } = failure
    port.postMessage({ kind: 'fault', code, sentence, exitCode } satisfies BarFileMessage)
  } finally {
    port.close()
  }
}

function buffersOf(batch: BarBatch): ArrayBuffer[] {
  return Object.values(batch).flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []))
}
