-- What is known of a symbol's listing, since when; `status` is what maintenance found, `is_active` what a person chose.
alter table spreadworks.symbols
  add column status text not null default 'listed'
    check (status in ('listed', 'halted', 'not-tradable', 'delisted', 'renamed')),
  add column status_since timestamptz,
  add column is_shortable boolean,
  add column asset_id text,
  add column renamed_to text,
  add column checked_at timestamptz,
  add constraint renamed_has_a_successor check ((status = 'renamed') = (renamed_to is not null));
--> statement-breakpoint
update spreadworks.symbols set is_simulated = true where name like '%(simulated)';
--> statement-breakpoint
create table spreadworks.symbol_events (
  id bigint generated always as identity primary key,
  symbol text not null references spreadworks.symbols (symbol) on delete cascade,
  at timestamptz not null,
  what text not null check (what in (
    'added', 'activated', 'deactivated', 'listed', 'halted', 'not-tradable', 'delisted', 'renamed', 'shortable', 'not-shortable'
  )),
  evidence text not null,
  by text not null
);
--> statement-breakpoint
create index symbol_events_by_symbol on spreadworks.symbol_events (symbol, at desc, id desc);
--> statement-breakpoint
-- Sectors that a person has switched on or off; what is not here is as the configuration says.
create table spreadworks.sectors (
  sector text primary key,
  is_active boolean not null,
  changed_at timestamptz not null default now(),
  changed_by text not null
);
--> statement-breakpoint
-- Tells listeners of `spreadworks_changed` that a table that belongs to no book changed.
create function spreadworks.tell_changed_of_no_book() returns trigger language plpgsql as $$
begin
  perform pg_notify('spreadworks_changed', json_build_object('table', tg_table_name, 'book', null)::text);
  return null;
end
$$;
--> statement-breakpoint
do $$
declare
  watched text;
begin
  foreach watched in array array['symbols', 'sectors', 'quarantine', 'source_states'] loop
    execute format(
      'create trigger tell_changed after insert or update or delete on spreadworks.%I
         for each statement execute function spreadworks.tell_changed_of_no_book()', watched);
  end loop;
end
$$;
