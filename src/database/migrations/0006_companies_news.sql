-- What a source says of a company. Sectors and industries are the source's own taxonomy.
create table spreadworks.companies (
  symbol text primary key,
  source text not null,
  name text not null,
  exchange text,
  currency text,
  sector text,
  industry text,
  summary text,
  website text,
  employees integer check (employees >= 0),
  city text,
  country text,
  fetched_at timestamptz not null
);
--> statement-breakpoint
create table spreadworks.company_officers (
  symbol text not null references spreadworks.companies (symbol) on delete cascade,
  place smallint not null check (place > 0),
  name text not null,
  title text not null,
  age smallint,
  year_born smallint,
  fiscal_year smallint,
  total_pay numeric(20, 2),
  exercised_value numeric(20, 2),
  unexercised_value numeric(20, 2),
  primary key (symbol, place)
);
--> statement-breakpoint
-- One row a symbol and day on which it was asked for; the last of a day stands.
create table spreadworks.company_statistics (
  symbol text not null references spreadworks.companies (symbol) on delete cascade,
  day date not null,
  market_cap numeric(24, 2),
  enterprise_value numeric(24, 2),
  shares_outstanding double precision,
  float_shares double precision,
  short_fraction double precision,
  beta double precision,
  trailing_pe double precision,
  forward_pe double precision,
  price_to_book double precision,
  trailing_eps double precision,
  dividend_yield double precision,
  profit_margin double precision,
  average_volume_shares double precision,
  year_low double precision,
  year_high double precision,
  fetched_at timestamptz not null,
  primary key (symbol, day)
);
--> statement-breakpoint
-- The last price that a source gave, for pages: nothing is decided by it.
create table spreadworks.quotes (
  symbol text not null,
  source text not null,
  price double precision not null check (price > 0),
  traded_at timestamptz not null,
  previous_close double precision,
  bid double precision,
  ask double precision,
  volume_shares double precision,
  currency text,
  received_at timestamptz not null,
  primary key (symbol, source)
);
--> statement-breakpoint
-- One row an article, known by its normalised address. `received_at` is when we first knew of it and what decisions go by;
-- `published_at` is what its publisher says.
create table spreadworks.news_articles (
  address text primary key,
  url text not null,
  title text not null,
  summary text,
  publisher text not null,
  author text,
  source text not null,
  symbols text[] not null default '{}',
  published_at timestamptz not null,
  received_at timestamptz not null
);
--> statement-breakpoint
create index news_articles_by_time on spreadworks.news_articles (received_at desc);
--> statement-breakpoint
create index news_articles_by_symbol on spreadworks.news_articles using gin (symbols);
--> statement-breakpoint
-- Splits as a source tells of them; two sources may tell different ones.
create table spreadworks.splits (
  symbol text not null,
  effective_on date not null,
  source text not null,
  new_per_old double precision not null check (new_per_old > 0),
  received_at timestamptz not null,
  primary key (symbol, effective_on, source)
);
--> statement-breakpoint
-- When a source last answered, and until when it is not asked again.
create table spreadworks.source_states (
  source text primary key,
  answered_at timestamptz,
  unavailable_until timestamptz,
  cause text,
  updated_at timestamptz not null,
  check ((unavailable_until is null) = (cause is null))
);
--> statement-breakpoint
-- Bars of one symbol and feed, of every timeframe, that opened in [from_at, until_at) and cannot be believed.
create table spreadworks.quarantine (
  id text primary key,
  symbol text not null,
  feed text not null,
  other_feed text not null,
  rule text not null check (rule in (
    'half-applied-split', 'invented-split', 'spike', 'levels-differ', 'stale-day', 'shifted-days', 'empty-day', 'unconfirmed-jump'
  )),
  first_day date not null,
  last_day date not null check (last_day >= first_day),
  from_at timestamptz not null,
  until_at timestamptz not null check (until_at > from_at),
  evidence jsonb not null,
  state text not null check (state in ('held', 'accepted', 'rejected', 'withdrawn')),
  found_at timestamptz not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
create index quarantine_by_symbol on spreadworks.quarantine (symbol, feed);
--> statement-breakpoint
-- Who did what to an entry, when and why; rows are never changed.
create table spreadworks.quarantine_audit (
  id bigint generated always as identity primary key,
  entry_id text not null references spreadworks.quarantine (id),
  at timestamptz not null,
  by text not null,
  action text not null check (action in ('held', 'accepted', 'rejected', 'withdrawn')),
  note text not null
);
--> statement-breakpoint
create index quarantine_audit_by_entry on spreadworks.quarantine_audit (entry_id, id);
--> statement-breakpoint
-- The bars that screens, features, models and replays may read: all but those held back or rejected.
create view spreadworks.trusted_bars as
select b.* from spreadworks.bars as b
where not exists (
  select from spreadworks.quarantine as q
  where q.symbol = b.symbol and q.feed = b.feed and q.state in ('held', 'rejected')
    and b.opened_at >= q.from_at and b.opened_at < q.until_at
);
