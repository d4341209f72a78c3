-- When each flow runs by itself, and up to which instant that has been handled: whoever moves it holds the row.
create table spreadworks.schedules (
  flow text primary key,
  phrase text not null,
  handled_through timestamptz not null,
  paused_at timestamptz,
  paused_by text,
  resumed_at timestamptz,
  last_run_id text,
  last_occurrence timestamptz,
  constraint pause_has_an_author check ((paused_at is null) = (paused_by is null)),
  constraint pause_ends_after_it_began check (resumed_at is null or (paused_at is not null and resumed_at >= paused_at)),
  constraint last_run_has_an_occurrence check ((last_run_id is null) = (last_occurrence is null))
);
--> statement-breakpoint
create trigger tell_changed after insert or update or delete on spreadworks.schedules
  for each statement execute function spreadworks.tell_changed_of_no_book();
