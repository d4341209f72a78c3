-- One row an alert from when its key is first raised until it is over. `told_at`: when the channels were last given it; null
-- while nobody was.
alter table spreadworks.alerts
  add column key text,
  add column times integer not null default 1 check (times > 0),
  add column last_at timestamptz,
  add column told_at timestamptz,
  add column resolved_at timestamptz,
  add column acknowledged_by text,
  add column flow text,
  add column run_id text;
--> statement-breakpoint
-- What was raised before there were channels is not told by them now.
update spreadworks.alerts set key = id, last_at = at, told_at = at;
--> statement-breakpoint
alter table spreadworks.alerts
  alter column key set not null,
  alter column last_at set not null,
  add check (resolved_at >= last_at),
  add check (acknowledged_by is null or acknowledged_at is not null);
--> statement-breakpoint
create unique index alerts_open on spreadworks.alerts (key) where resolved_at is null;
--> statement-breakpoint
create index alerts_by_key on spreadworks.alerts (key, resolved_at);
--> statement-breakpoint
create index alerts_by_time on spreadworks.alerts (last_at desc);
--> statement-breakpoint
-- What a channel is to be told of an alert. Those that go out together have one `message`, which is the idempotency key of
-- every try. A process that sends has until `leased_until`; then another may.
create table spreadworks.alert_deliveries (
  id text primary key,
  alert text not null references spreadworks.alerts (id) on delete cascade,
  channel text not null check (channel in ('slack', 'webhook', 'email')),
  what text not null check (what in ('raised', 'resolved')),
  state text not null check (state in ('due', 'sending', 'sent', 'failed', 'held')),
  attempts integer not null default 0 check (attempts >= 0),
  due_at timestamptz not null,
  leased_until timestamptz,
  message text,
  sent_at timestamptz,
  error text,
  check ((state = 'sending') = (leased_until is not null)),
  check ((state = 'sent') = (sent_at is not null)),
  check (state not in ('sending', 'sent') or message is not null),
  check (state <> 'failed' or error is not null)
);
--> statement-breakpoint
create index alert_deliveries_by_alert on spreadworks.alert_deliveries (alert);
--> statement-breakpoint
create index alert_deliveries_waiting on spreadworks.alert_deliveries (channel, due_at) where state in ('due', 'sending', 'held');
--> statement-breakpoint
create index alert_deliveries_sent on spreadworks.alert_deliveries (channel, sent_at) where state = 'sent';
--> statement-breakpoint
-- Since when a source has not answered: the first of the refusals without an answer between.
alter table spreadworks.source_states add column unavailable_since timestamptz;
--> statement-breakpoint
update spreadworks.source_states set unavailable_since = updated_at where cause is not null;
