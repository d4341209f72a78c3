import type { MonthTime } from './month-time.ts'
import { PROBE_TABLES } from './probe-flows.ts'

/**
 * What the month is judged by, in tables that retention does not know: every run that was begun, as often as it was, and how it
 * ended. Lines of run logs are dated by the market's time, so that their days come and go with the month's.
 */
export function monthTables({ marketStart, wallStart, speed }: MonthTime): string {
  return `${PROBE_TABLES};
    create table public.month_begun (
      run text, flow text, cause text, scheduled_for float8, day text, at timestamptz default clock_timestamp());
    create table public.month_ended (run text primary key, flow text, status text, at timestamptz default clock_timestamp());
    create function public.month_note_begun() returns trigger language plpgsql as $$
    begin
      insert into public.month_begun (run, flow, cause, scheduled_for, day) values (new.workflow_uuid, new.name,
        new.attributes ->> 'cause', (new.attributes ->> 'scheduledFor')::float8, new.attributes -> 'facts' ->> 'day');
      return null;
    end $$;
    create trigger month_begun after insert on dbos.workflow_status for each row execute function public.month_note_begun();
    create function public.month_note_ended() returns trigger language plpgsql as $$
    begin
      insert into public.month_ended (run, flow, status) values (new.workflow_uuid, new.name, new.status)
        on conflict (run) do update set status = excluded.status, at = excluded.at;
      return null;
    end $$;
    create trigger month_ended after update on dbos.workflow_status for each row
      when (new.status is distinct from old.status and new.status not in ('PENDING', 'ENQUEUED', 'DELAYED'))
      execute function public.month_note_ended();
    create function public.month_now() returns timestamptz language sql volatile as $$
      select to_timestamp(${marketStart / 1000} + (extract(epoch from clock_timestamp()) - ${wallStart / 1000}) * ${speed}) $$;
    alter table spreadworks.flow_logs alter column at set default public.month_now()`
}
