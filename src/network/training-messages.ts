import type { Kernel } from './kernel.ts'
import type { EpochLosses, TrainedNetwork, TrainingJob } from './training.ts'

/** What a training thread is started with. */
export type TrainingThreadStart = {
  readonly kernel: Kernel
  /** One Int32: the number of the job that is to stop, set by the pool. */
  readonly stop: Int32Array<SharedArrayBuffer>
}

/** What the pool sends to a thread. Job numbers count from 1. */
export type TrainingRequest = { readonly number: number; readonly job: TrainingJob }

/** What a thread sends back. */
export type TrainingReply =
  | { readonly kind: 'epoch'; readonly number: number; readonly epoch: number; readonly losses: EpochLosses }
  | { readonly kind: 'trained'; readonly number: number; readonly trained: TrainedNetwork }
