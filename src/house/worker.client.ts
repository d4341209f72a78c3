import type { Working, WorkRequest } from '#cli/program.ts'
import { wrongRequest } from '#domain/fault.ts'
import { QUEUES, type QueueName } from '#flows/flow-names.ts'
import type { House } from './house.client.ts'
import { aborted, workerLost } from './runs.client.ts'

/**
 * A worker for the queues that are asked for, until `signal` aborts: then it lets its steps end for as long as the setting
 * `workers.drain_seconds` says. Rejects with QUEUE_UNKNOWN, and later with WORKER_LOST when another took its place.
 */
export async function openWorker(
  openHouse: (queues: readonly QueueName[]) => Promise<House>,
  request: WorkRequest,
  signal: AbortSignal,
): Promise<Working> {
  const queues = request.queues === undefined ? QUEUES : queuesNamed(request.queues)
  const house = await openHouse(queues)
  const stop = async () => {
    const cause = await Promise.race([aborted(signal), house.lost])
    await house.close(cause === undefined ? house.settings.workers.drainSeconds * 1000 : 0)
    if (cause !== undefined) throw workerLost(cause)
  }
  return { worker: house.engine.executorId, queues: house.engine.queues, stopped: stop() }
}

/** The queues of these names, each once. Throws QUEUE_UNKNOWN. */
function queuesNamed(names: readonly string[]): QueueName[] {
  const unknown = names.filter((name) => !QUEUES.some((queue) => queue === name))
  if (unknown.length > 0)
    throw wrongRequest('QUEUE_UNKNOWN', `There is no queue '${unknown.join("', '")}'; there are ${QUEUES.join(', ')}.`)
  return QUEUES.filter((queue) => names.includes(queue))
}
