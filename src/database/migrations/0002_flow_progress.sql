-- How far the long work of a flow has come, for the page and the command line. `book` is '' for flows without one.
create table spreadworks.flow_progress (
  flow_id text primary key,
  book text not null default '',
  done double precision not null,
  total double precision,
  unit text not null,
  sentence text not null,
  updated_at timestamptz not null default clock_timestamp()
);
--> statement-breakpoint
create trigger tell_inserted after insert on spreadworks.flow_progress
  referencing new table as changed for each statement execute function spreadworks.tell_changed();
--> statement-breakpoint
create trigger tell_updated after update on spreadworks.flow_progress
  referencing new table as changed for each statement execute function spreadworks.tell_changed();
