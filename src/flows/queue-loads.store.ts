import type { Sql } from '#database/connection.client.ts'
import { type EpochMs, epochMs } from '#domain/units.ts'
import { QUEUES, type QueueName } from './flow-names.ts'

/** How much a queue has to do. */
export type QueueLoad = {
  readonly waiting: number
  readonly running: number
  /** When the run that waits longest was asked for. */
  readonly oldestWaitingSince: EpochMs | undefined
}

/** What waits on each queue and what runs from it. */
export async function queueLoads(sql: Sql): Promise<ReadonlyMap<QueueName, QueueLoad>> {
  const { rows } = await sql.query<{ queue: QueueName; waiting: number; running: number; since: string | null }>(
    `select queue, count(*) filter (where status <> 'PENDING' and workflow_uuid is not null)::int as waiting,
            count(*) filter (where status = 'PENDING')::int as running,
            min(created_at) filter (where status <> 'PENDING') as since
     from unnest($1::text[]) queue
     left join dbos.workflow_status on queue_name = queue and application_name = 'spreadworks'
       and status in ('ENQUEUED', 'DELAYED', 'PENDING')
     group by queue`,
    [QUEUES],
  )
  return new Map(
    rows.map(({ queue, since, ...counts }) => [
      queue,
      { ...counts, oldestWaitingSince: since === null ? undefined : epochMs(Number(since)) },
    ]),
  )
}

/** How many runs each worker carries out, by its executor id; none for one that rests. */
export async function runsByWorker(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql.query<{ executor: string; runs: number }>(
    `select executor_id as executor, count(*)::int as runs from dbos.workflow_status
     where status = 'PENDING' and application_name = 'spreadworks' group by executor_id`,
  )
  return new Map(rows.map(({ executor, runs }) => [executor, runs]))
}
