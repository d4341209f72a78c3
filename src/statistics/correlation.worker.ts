import { parentPort, workerData } from 'node:worker_threads'
import { type CorrelationKernel, instantiate, type SharedMemory } from './correlation-kernel.ts'
import type { CorrelationLayout } from './correlation-layout.ts'
import { takePart } from './correlation-work.ts'

/** What a thread is started with. Its messages are the layouts of what it is to take part in; any answer says that it has. */
export type CorrelationThreadStart = {
  readonly kernel: CorrelationKernel
  readonly memory: SharedMemory
  readonly thread: number
}

const { kernel, memory, thread }: CorrelationThreadStart = workerData
const hand = { kernel: instantiate(kernel, memory), thread }

parentPort?.on('message', (layout: CorrelationLayout) => {
  takePart({ memory, layout }, hand)
  parentPort?.postMessage('done')
})
