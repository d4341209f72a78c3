-- Minutes that jump are held back as they come: from the minute until it came back, or the end of the day.
alter table spreadworks.quarantine drop constraint quarantine_rule_check;
--> statement-breakpoint
alter table spreadworks.quarantine add constraint quarantine_rule_check check (rule in (
  'half-applied-split', 'invented-split', 'spike', 'levels-differ', 'stale-day', 'shifted-days', 'empty-day', 'unconfirmed-jump',
  'minute-jump', 'minute-spike'
));
