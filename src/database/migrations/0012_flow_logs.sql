-- Lines of runs are kept in one partition a day (UTC), so that old ones go at once and no row is deleted.
create sequence spreadworks.flow_log_ids;
--> statement-breakpoint
alter table spreadworks.flow_logs rename to flow_logs_in_one;
--> statement-breakpoint
create table spreadworks.flow_logs (
  id bigint not null default nextval('spreadworks.flow_log_ids'),
  flow_id text not null,
  step text,
  at timestamptz not null default clock_timestamp(),
  level text not null check (level in ('info', 'warn', 'error')),
  message text not null,
  fields jsonb not null default '{}',
  primary key (id, at)
) partition by range (at);
--> statement-breakpoint
create index flow_logs_by_run on spreadworks.flow_logs (flow_id, id);
--> statement-breakpoint
do $$
declare
  day date;
begin
  for day in select distinct (at at time zone 'UTC')::date from spreadworks.flow_logs_in_one loop
    execute format(
      'create table spreadworks.%I partition of spreadworks.flow_logs for values from (%L) to (%L)',
      'flow_logs_' || to_char(day, 'YYYY_MM_DD'), day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
  end loop;
end
$$;
--> statement-breakpoint
insert into spreadworks.flow_logs (id, flow_id, step, at, level, message, fields)
select id, flow_id, step, at, level, message, fields from spreadworks.flow_logs_in_one;
--> statement-breakpoint
select setval('spreadworks.flow_log_ids', coalesce((select max(id) from spreadworks.flow_logs_in_one), 0) + 1, false);
--> statement-breakpoint
drop table spreadworks.flow_logs_in_one;
