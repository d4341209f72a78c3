import { parentPort, workerData } from 'node:worker_threads'
import { train } from './training.ts'
import type { TrainingReply, TrainingRequest, TrainingThreadStart } from './training-messages.ts'

const { kernel, stop }: TrainingThreadStart = workerData

parentPort?.on('message', ({ number, job }: TrainingRequest) => {
  const trained = train(job, kernel, {
    onEpoch: (epoch, losses) => reply({ kind: 'epoch', number, epoch, losses }),
    shouldStop: () => Atomics.load(stop, 0) === number,
  })
  reply({ kind: 'trained', number, trained })
})

function reply(message: TrainingReply): void {
  parentPort?.postMessage(message)
}
