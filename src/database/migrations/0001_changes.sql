-- Tells listeners of `spreadworks_changed` which table of which book changed: one message for each book of a statement.
create function spreadworks.tell_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('spreadworks_changed', json_build_object('table', tg_table_name, 'book', touched.book)::text)
  from (select distinct book from changed) as touched;
  return null;
end
$$;
--> statement-breakpoint
do $$
declare
  watched text;
begin
  foreach watched in array array[
    'books', 'screens', 'pair_models', 'signals', 'risk_decisions', 'orders', 'fills', 'positions', 'equity', 'alerts'
  ] loop
    execute format(
      'create trigger tell_inserted after insert on spreadworks.%I
         referencing new table as changed for each statement execute function spreadworks.tell_changed()', watched);
    execute format(
      'create trigger tell_updated after update on spreadworks.%I
         referencing new table as changed for each statement execute function spreadworks.tell_changed()', watched);
    execute format(
      'create trigger tell_deleted after delete on spreadworks.%I
         referencing old table as changed for each statement execute function spreadworks.tell_changed()', watched);
  end loop;
end
$$;
