-- What runs left behind that a person may want to look at, and what is found about them: one row for each thing.
-- `reference` is the thing's own key: a screen's or model's id, a book, a certificate's hash, a day.
create table spreadworks.flow_results (
  run_id text not null,
  kind text not null check (kind in ('preparation', 'screen', 'model', 'backtest', 'certificate', 'report', 'backup', 'readiness', 'finding')),
  reference text not null,
  book text,
  day date,
  detail jsonb not null default '{}',
  at timestamptz not null default clock_timestamp(),
  primary key (run_id, kind, reference)
);
--> statement-breakpoint
create index flow_results_of_day on spreadworks.flow_results (kind, day, book);
--> statement-breakpoint
-- The bars that a day's screen reads, looked at: where they come from and the hash of all of them.
create table spreadworks.preparations (
  id text primary key,
  book text not null references spreadworks.books (book) on delete cascade,
  day date not null,
  feed text not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  data_hash text not null,
  created_at timestamptz not null default clock_timestamp()
);
--> statement-breakpoint
-- What was found of each symbol's bars: `screened` ones may be paired.
create table spreadworks.variance_stability (
  preparation_id text not null references spreadworks.preparations (id) on delete cascade,
  symbol text not null,
  verdict text not null check (verdict in ('incomplete', 'not-testable', 'unstable', 'screened')),
  observations integer not null,
  arch_p_value double precision,
  ljung_box_p_value double precision,
  volatility_variation double precision,
  primary key (preparation_id, symbol)
);
