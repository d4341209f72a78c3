-- What prices are corrected for is a property of their feed, so that bars of different adjustments never stand in one series:
-- Yahoo divides older prices by later splits, every other feed tells them as they traded.
update spreadworks.bars set adjustment = 'split' where feed = 'yahoo' and adjustment <> 'split';
--> statement-breakpoint
do $$
declare
  other record;
begin
  select feed, adjustment into other from spreadworks.bars where feed <> 'yahoo' and adjustment <> 'raw' limit 1;
  if found then
    raise exception 'bars of the feed % are stored with the adjustment %, though a feed''s bars stand as they traded; delete them and load them again',
      other.feed, other.adjustment;
  end if;
end
$$;
--> statement-breakpoint
alter table spreadworks.bars
  add constraint adjustment_is_of_the_feed check (adjustment = case feed when 'yahoo' then 'split' else 'raw' end);
