create schema if not exists spreadworks;
--> statement-breakpoint
create table spreadworks.symbols (
  symbol text primary key,
  name text not null,
  sector text,
  exchange text not null default 'NYSE',
  is_active boolean not null default true,
  is_simulated boolean not null default false,
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
create table spreadworks.bars (
  symbol text not null,
  timeframe text not null check (timeframe in ('1m', '5m', '15m', '1h', '1d')),
  opened_at timestamptz not null,
  feed text not null,
  open double precision not null check (open > 0),
  high double precision not null check (high >= greatest(open, close)),
  low double precision not null check (low > 0 and low <= least(open, close)),
  close double precision not null check (close > 0),
  volume double precision not null check (volume >= 0),
  vwap double precision,
  trades integer,
  adjustment text not null default 'raw',
  received_at timestamptz not null default now(),
  primary key (symbol, timeframe, opened_at, feed)
) partition by range (opened_at);
--> statement-breakpoint
create table spreadworks.bar_revisions (
  symbol text not null,
  timeframe text not null,
  opened_at timestamptz not null,
  feed text not null,
  superseded_at timestamptz not null default clock_timestamp(),
  open double precision not null,
  high double precision not null,
  low double precision not null,
  close double precision not null,
  volume double precision not null,
  received_at timestamptz not null,
  primary key (symbol, timeframe, opened_at, feed, superseded_at)
);
--> statement-breakpoint
create table spreadworks.imports (
  id text primary key,
  path text not null,
  content_hash text not null,
  feed text not null,
  timeframe text not null,
  state text not null check (state in ('staging', 'merging', 'done', 'refused')),
  rows_read bigint not null default 0,
  rows_new bigint not null default 0,
  rows_same bigint not null default 0,
  rows_rejected bigint not null default 0,
  refusal text,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
--> statement-breakpoint
create table spreadworks.import_rejects (
  import_id text not null references spreadworks.imports (id) on delete cascade,
  file text not null,
  line bigint not null,
  reason text not null,
  text text not null,
  primary key (import_id, line, reason)
);
--> statement-breakpoint
create table spreadworks.books (
  book text primary key,
  kind text not null check (kind in ('live', 'paper', 'rehearsal', 'backtest')),
  parameters jsonb not null,
  feed text,
  state text not null check (state in ('preparing', 'open', 'closed', 'failed', 'cancelled')),
  speed text,
  shown_at timestamptz,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  report jsonb,
  certificate text
);
--> statement-breakpoint
create sequence spreadworks.rehearsal_numbers;
--> statement-breakpoint
create table spreadworks.screens (
  id text primary key,
  book text not null references spreadworks.books (book) on delete cascade,
  day date not null,
  feed text not null,
  timeframe text not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  data_hash text not null,
  rules jsonb not null,
  symbols_offered integer not null,
  symbols_complete integer not null,
  tested integer not null,
  correlated integer not null,
  cointegrated integer not null,
  shortlisted integer not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create table spreadworks.screened_pairs (
  screen_id text not null references spreadworks.screens (id) on delete cascade,
  pair text not null,
  y text not null,
  x text not null,
  rank integer,
  correlation double precision,
  p_value double precision,
  hedge_ratio double precision,
  intercept double precision,
  half_life_bars double precision,
  score double precision,
  verdict text not null,
  detail jsonb not null default '{}',
  primary key (screen_id, pair)
);
--> statement-breakpoint
create table spreadworks.pair_models (
  id text primary key,
  book text not null references spreadworks.books (book) on delete cascade,
  pair text not null,
  y text not null,
  x text not null,
  day date not null,
  screen_id text not null references spreadworks.screens (id) on delete cascade,
  model jsonb not null,
  weights bytea not null,
  scores jsonb not null,
  content_hash text not null,
  is_promoted boolean not null default false,
  gate_reasons jsonb not null default '[]',
  run_id text,
  version text,
  trained_at timestamptz not null default now(),
  unique (book, pair, day)
);
--> statement-breakpoint
create table spreadworks.signals (
  id text primary key,
  book text not null references spreadworks.books (book) on delete cascade,
  at timestamptz not null,
  pair text not null,
  model_id text not null,
  strategy text not null,
  kind text not null check (kind in ('enter-long', 'enter-short', 'exit', 'hold', 'stand-aside')),
  confidence double precision not null,
  z double precision,
  probability double precision,
  reasons jsonb not null,
  numbers jsonb not null,
  unique (book, at, pair)
);
--> statement-breakpoint
create table spreadworks.risk_decisions (
  id text primary key,
  book text not null references spreadworks.books (book) on delete cascade,
  signal_id text not null references spreadworks.signals (id) on delete cascade,
  at timestamptz not null,
  pair text not null,
  verdict text not null check (verdict in ('approved', 'refused')),
  reason text,
  detail jsonb not null
);
--> statement-breakpoint
create table spreadworks.orders (
  client_order_id text primary key,
  book text not null references spreadworks.books (book) on delete cascade,
  decision_id text not null references spreadworks.risk_decisions (id) on delete cascade,
  at timestamptz not null,
  pair text not null,
  leg text not null check (leg in ('y', 'x')),
  symbol text not null,
  side text not null check (side in ('buy', 'sell')),
  quantity_shares double precision not null check (quantity_shares > 0),
  type text not null,
  limit_price double precision,
  reference_price double precision not null,
  purpose text not null check (purpose in ('enter', 'exit', 'unwind')),
  state text not null check (state in ('intended', 'unknown', 'working', 'filled', 'cancelled', 'expired', 'rejected')),
  broker_order_id text,
  filled_shares double precision not null default 0,
  average_price double precision,
  reason text,
  updated_at timestamptz not null
);
--> statement-breakpoint
create table spreadworks.fills (
  execution_id text not null,
  book text not null references spreadworks.books (book) on delete cascade,
  client_order_id text not null references spreadworks.orders (client_order_id) on delete cascade,
  at timestamptz not null,
  symbol text not null,
  side text not null,
  quantity_shares double precision not null check (quantity_shares > 0),
  price double precision not null check (price > 0),
  fees numeric(20, 6) not null default 0,
  primary key (book, execution_id)
);
--> statement-breakpoint
create table spreadworks.positions (
  book text not null references spreadworks.books (book) on delete cascade,
  pair text not null,
  state text not null check (state in ('opening', 'open', 'closing', 'closed')),
  direction text not null check (direction in ('long', 'short')),
  y_shares double precision not null,
  x_shares double precision not null,
  y_price double precision,
  x_price double precision,
  opened_at timestamptz not null,
  closed_at timestamptz,
  realised numeric(20, 6) not null default 0,
  entry_signal_id text not null,
  primary key (book, pair, opened_at)
);
--> statement-breakpoint
create table spreadworks.equity (
  book text not null references spreadworks.books (book) on delete cascade,
  at timestamptz not null,
  equity numeric(20, 6) not null,
  cash numeric(20, 6) not null,
  gross_exposure numeric(20, 6) not null,
  primary key (book, at)
);
--> statement-breakpoint
create table spreadworks.alerts (
  id text primary key,
  book text,
  at timestamptz not null,
  severity text not null check (severity in ('info', 'warning', 'critical')),
  title text not null,
  body text not null,
  acknowledged_at timestamptz
);
--> statement-breakpoint
create table spreadworks.flow_logs (
  id bigint generated always as identity primary key,
  flow_id text not null,
  step text,
  at timestamptz not null default clock_timestamp(),
  level text not null,
  message text not null,
  fields jsonb not null default '{}'
);
--> statement-breakpoint
create table spreadworks.settings (
  key text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now(),
  changed_by text not null
);
--> statement-breakpoint
create index signals_by_book on spreadworks.signals (book, at desc);
--> statement-breakpoint
create index orders_by_book on spreadworks.orders (book, at desc);
--> statement-breakpoint
create index fills_by_order on spreadworks.fills (client_order_id);
--> statement-breakpoint
create index flow_logs_by_flow on spreadworks.flow_logs (flow_id, id);
