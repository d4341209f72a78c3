import type { Sql } from '#database/connection.client.ts'
import { SLOT_LOCK } from './workers.store.ts'

/**
 * Takes up the unfinished runs of versions of which no process lives: those of flows whose revision is still the same go on,
 * the others lose what they kept and are begun anew, under their own ids. `revisions` are those of this version's flows;
 * runs of a flow that is not among them stay. Answers how many were taken up. Of several processes at once each takes others.
 */
export async function takeUpStranded(
  sql: Sql,
  { flowsVersion, revisions }: { readonly flowsVersion: string; readonly revisions: Readonly<Record<string, number>> },
): Promise<{ readonly goneOn: number; readonly anew: number }> {
  const { rows } = await sql.query<{ goneOn: number; anew: number }>(TAKE_UP, [flowsVersion, JSON.stringify(revisions)])
  return rows[0] ?? { goneOn: 0, anew: 0 }
}

const LIVE = `
  select w.flows_version, w.executor from spreadworks.flow_workers w join pg_locks l on ${SLOT_LOCK} and w.executor = 'worker-' || l.objid`

/** The tables of the engine in which a run keeps what it has done. */
const KEPT = ['operation_outputs', 'workflow_events', 'workflow_events_history', 'streams']

const TAKE_UP = `
  with live as (${LIVE}),
  stranded as (
    select workflow_uuid, coalesce((attributes->>'revision')::int, 0) is distinct from ($2::jsonb->>name)::int as is_changed
    from dbos.workflow_status
    where application_name = 'spreadworks' and status in ('PENDING', 'ENQUEUED', 'DELAYED') and application_version <> $1
      and $2::jsonb ? name
      and application_version not in (select flows_version from live)
      and (status <> 'PENDING' or executor_id not in (select executor from live))
    for update skip locked),
  ${KEPT.map(
    (table) => `forgotten_${table} as (
    delete from dbos.${table} where workflow_uuid in (select workflow_uuid from stranded where is_changed)),`,
  ).join('\n  ')}
  moved as (
    update dbos.workflow_status s
    set application_version = $1, owner_xid = null, started_at_epoch_ms = null,
        status = case s.status when 'PENDING' then 'ENQUEUED' else s.status end,
        queue_name = coalesce(queue_name, '_dbos_internal_queue'),
        recovery_attempts = case when is_changed then 0 else recovery_attempts end,
        workflow_deadline_epoch_ms = case when is_changed then null else workflow_deadline_epoch_ms end,
        attributes = coalesce(attributes, '{}') || jsonb_build_object('revision', ($2::jsonb->>name)::int),
        updated_at = (extract(epoch from now()) * 1000)::bigint
    from stranded where s.workflow_uuid = stranded.workflow_uuid
    returning is_changed)
  select count(*) filter (where not is_changed)::int as "goneOn", count(*) filter (where is_changed)::int as anew from moved`
