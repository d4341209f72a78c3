import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Fault } from '#domain/fault.ts'
import type { Kernel } from './kernel.ts'
import type { EpochLosses, TrainedNetwork, TrainingJob } from './training.ts'
import type { TrainingReply, TrainingRequest, TrainingThreadStart } from './training-messages.ts'

type TrainingOptions = {
  readonly onEpoch?: (epoch: number, losses: EpochLosses) => void
  /** Aborted: the job is not begun, or stops after its current epoch; its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Threads that train networks side by side. */
export type TrainingPool = {
  /**
   * Trains in a thread, in the order in which jobs come. The result depends on the job alone. Rejects with
   * TRAINING_THREAD_LOST when the thread dies of it; the pool goes on with a new one.
   */
  readonly train: (job: TrainingJob, options?: TrainingOptions) => Promise<TrainedNetwork>
  /** Ends the threads; what is not finished rejects with TRAINING_POOL_CLOSED. */
  readonly close: () => Promise<void>
}

/** Opens a pool of `threads` threads, at least one. They start with their first job. */
export function openTrainingPool({ threads, kernel }: { readonly threads: number; readonly kernel: Kernel }): TrainingPool {
  const waiting: Task[] = []
  const slots: Slot[] = Array.from({ length: threads }, () => ({ thread: undefined, task: undefined }))
  let numbered = 0
  let isClosed = false
  const next = () => {
    for (const slot of slots.filter(({ task }) => task === undefined)) {
      const task = waiting.shift()
      if (task) begin(slot, task, { kernel, next })
    }
  }
  return {
    train: (job, options = {}) => {
      if (isClosed) return Promise.reject(closed())
      if (options.signal?.aborted) return Promise.reject(options.signal.reason)
      const { promise, resolve, reject } = Promise.withResolvers<TrainedNetwork>()
      numbered++
      const task = { number: numbered, job, options, resolve, reject }
      const onAbort = () => cancel(task, { waiting, slots })
      const settled = () => options.signal?.removeEventListener('abort', onAbort)
      options.signal?.addEventListener('abort', onAbort)
      promise.then(settled, settled)
      waiting.push(task)
      next()
      return promise
    },
    close: async () => {
      isClosed = true
      for (const task of waiting.splice(0)) task.reject(closed())
      for (const { task } of slots) task?.reject(closed())
      await Promise.all(slots.map(({ thread }) => thread?.worker.terminate()))
    },
  }
}

type Task = {
  readonly number: number
  readonly job: TrainingJob
  readonly options: TrainingOptions
  readonly resolve: (trained: TrainedNetwork) => void
  readonly reject: (why: unknown) => void
}

type Thread = { readonly worker: Worker; readonly stop: Int32Array<SharedArrayBuffer> }

/** A place for one thread and the task that it is at. */
type Slot = { thread: Thread | undefined; task: Task | undefined }

type Surroundings = { readonly kernel: Kernel; readonly next: () => void }

function begin(slot: Slot, task: Task, surroundings: Surroundings): void {
  slot.task = task
  slot.thread ??= startThread(slot, surroundings)
  const request: TrainingRequest = { number: task.number, job: task.job }
  slot.thread.worker.postMessage(request)
}

function startThread(slot: Slot, { kernel, next }: Surroundings): Thread {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const workerData: TrainingThreadStart = { kernel, stop }
  const worker = new Worker(new URL(`./training.worker${extname(import.meta.url)}`, import.meta.url), { workerData })
  let cause: unknown
  worker.on('message', (reply: TrainingReply) => {
    if (hear(slot, reply)) next()
  })
  worker.on('error', (error) => {
    cause = error
  })
  worker.on('exit', () => {
    const { task } = slot
    slot.thread = undefined
    slot.task = undefined
    task?.reject(lost(cause))
    next()
  })
  return { worker, stop }
}

/** Whether the slot became free. */
function hear(slot: Slot, reply: TrainingReply): boolean {
  const { task } = slot
  if (task === undefined || task.number !== reply.number) return false
  if (reply.kind === 'epoch') {
    task.options.onEpoch?.(reply.epoch, reply.losses)
    return false
  }
  slot.task = undefined
  if (task.options.signal?.aborted) task.reject(task.options.signal.reason)
  else task.resolve(reply.trained)
  return true
}

function cancel(task: Task, { waiting, slots }: { readonly waiting: Task[]; readonly slots: readonly Slot[] }): void {
  const place = waiting.indexOf(task)
  if (place >= 0) waiting.splice(place, 1)
  const thread = slots.find((slot) => slot.task === task)?.thread
  if (thread) Atomics.store(thread.stop, 0, task.number)
  task.reject(task.options.signal?.reason)
}

function lost(cause: unknown): Fault {
  const said = cause instanceof Error ? `: ${cause.message}` : ''
  return new Fault(
    'TRAINING_THREAD_LOST',
    `A training thread ended before its network was trained${said}; train the pair again.`,
    {
      cause,
    },
  )
}

function closed(): Fault {
  return new Fault(
    'TRAINING_POOL_CLOSED',
    'The training threads were closed before the network was trained; start the training again.',
  )
}
