-- How many bars each feed holds of each day, so that nobody has to count them. Kept by triggers: whoever writes `bars`, by
-- COPY, by insert or by import, keeps it too. A New York session lies within one UTC day, so the day's first and last
-- opening tell whether the session has any.
create table spreadworks.bar_counts (
  feed text not null,
  timeframe text not null,
  day date not null,
  bars bigint not null check (bars >= 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (feed, timeframe, day)
);
--> statement-breakpoint
insert into spreadworks.bar_counts (feed, timeframe, day, bars, first_at, last_at)
select feed, timeframe, (opened_at at time zone 'UTC')::date, count(*), min(opened_at), max(opened_at)
from spreadworks.bars group by 1, 2, 3;
--> statement-breakpoint
create function spreadworks.count_added_bars() returns trigger language plpgsql as $$
begin
  insert into spreadworks.bar_counts as kept (feed, timeframe, day, bars, first_at, last_at)
  select feed, timeframe, (opened_at at time zone 'UTC')::date, count(*), min(opened_at), max(opened_at)
  from added group by 1, 2, 3 order by 1, 2, 3
  on conflict (feed, timeframe, day) do update
    set bars = kept.bars + excluded.bars, first_at = least(kept.first_at, excluded.first_at),
        last_at = greatest(kept.last_at, excluded.last_at);
  return null;
end $$;
--> statement-breakpoint
create function spreadworks.count_removed_bars() returns trigger language plpgsql as $$
begin
  -- The days are counted again: only what is left tells the new first and last.
  with days as (
    select distinct feed, timeframe, (opened_at at time zone 'UTC')::date as day from removed
  ), gone as (
    delete from spreadworks.bar_counts as kept using days as d
    where (kept.feed, kept.timeframe, kept.day) = (d.feed, d.timeframe, d.day)
    and not exists (select from spreadworks.bars as b where b.feed = d.feed and b.timeframe = d.timeframe
                    and b.opened_at >= d.day at time zone 'UTC' and b.opened_at < (d.day + 1) at time zone 'UTC')
  )
  update spreadworks.bar_counts as kept set bars = left_over.bars, first_at = left_over.first_at, last_at = left_over.last_at
  from (select d.feed, d.timeframe, d.day, count(*) as bars, min(b.opened_at) as first_at, max(b.opened_at) as last_at
        from days as d join spreadworks.bars as b on b.feed = d.feed and b.timeframe = d.timeframe
         and b.opened_at >= d.day at time zone 'UTC' and b.opened_at < (d.day + 1) at time zone 'UTC'
        group by 1, 2, 3) as left_over
  where (kept.feed, kept.timeframe, kept.day) = (left_over.feed, left_over.timeframe, left_over.day);
  return null;
end $$;
--> statement-breakpoint
create function spreadworks.count_no_bars() returns trigger language plpgsql as $$
begin
  delete from spreadworks.bar_counts;
  return null;
end $$;
--> statement-breakpoint
create trigger count_added after insert on spreadworks.bars
  referencing new table as added for each statement execute function spreadworks.count_added_bars();
--> statement-breakpoint
create trigger count_removed after delete on spreadworks.bars
  referencing old table as removed for each statement execute function spreadworks.count_removed_bars();
--> statement-breakpoint
create trigger count_emptied after truncate on spreadworks.bars
  for each statement execute function spreadworks.count_no_bars();
--> statement-breakpoint
-- What became of every minute of a session in which a symbol could have had a bar: one row a symbol, session and feed, one
-- bit a minute, 159 bytes for a full day. Minutes from `due` on were not judged yet; a minute before it that is neither
-- present nor without trade is missing.
create table spreadworks.bar_ledger (
  symbol text not null,
  day date not null,
  feed text not null,
  minutes smallint not null check (minutes > 0),
  due smallint not null check (due between 0 and minutes),
  present bit varying not null check (length(present) = minutes),
  repaired bit varying not null check (length(repaired) = minutes and repaired & ~present = repaired # repaired),
  no_trade bit varying not null check (length(no_trade) = minutes and no_trade & present = present # present),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (symbol, day, feed)
);
--> statement-breakpoint
create index bar_ledger_by_day on spreadworks.bar_ledger (feed, day);
--> statement-breakpoint
-- Times in which a feed's stream did not bring what it should have: why, and when the hole was closed.
create table spreadworks.bar_gaps (
  feed text not null,
  from_at timestamptz not null,
  until_at timestamptz,
  cause text not null,
  repaired_at timestamptz,
  bars_repaired integer not null default 0,
  primary key (feed, from_at)
);
