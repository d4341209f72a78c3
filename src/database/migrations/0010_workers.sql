-- Processes that carry out runs. Each also holds an advisory lock while it lives; a row without one is of a process that is gone.
create table spreadworks.flow_workers (
  executor text primary key,
  claim uuid not null,
  version text not null,
  flows_version text not null,
  host text not null,
  pid integer not null,
  backend_pid integer not null,
  queues text[] not null,
  is_draining boolean not null default false,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);
