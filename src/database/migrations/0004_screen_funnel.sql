-- What a screen did at each gate, with symbols and pairs counted in the order of the gates, and the rows it held back.
alter table spreadworks.screens
  add column rows integer,
  add column head_rows integer,
  add column funnel jsonb not null default '[]',
  add column masked_spikes jsonb not null default '{}';
--> statement-breakpoint
-- Screens of before held nothing back, left out nobody for its variance and asked for no score.
update spreadworks.screens set
  funnel = jsonb_build_array(
    jsonb_build_object('gate', 'offered', 'of', 'symbols', 'passed', symbols_offered),
    jsonb_build_object('gate', 'complete', 'of', 'symbols', 'passed', symbols_complete),
    jsonb_build_object('gate', 'tried', 'of', 'pairs', 'passed', tested),
    jsonb_build_object('gate', 'correlated', 'of', 'pairs', 'passed', correlated),
    jsonb_build_object('gate', 'cointegrated', 'of', 'pairs', 'passed', cointegrated),
    jsonb_build_object('gate', 'shortlisted', 'of', 'pairs', 'passed', shortlisted)),
  rules = '{"maximumTailPValue": 1, "maximumTailShift": null, "minimumScore": 0, "minimumArchPValue": 0,
    "minimumLjungBoxPValue": 0, "maximumVolatilityVariation": null}' || rules;
--> statement-breakpoint
-- The parts of a pair's score; null where it has none, and `detail` says why.
alter table spreadworks.screened_pairs
  add column fit double precision check (fit between 0 and 1),
  add column volatility_forecast double precision check (volatility_forecast between 0 and 1),
  add column recent_backtest double precision check (recent_backtest between 0 and 1),
  add column residual_diagnostics double precision check (residual_diagnostics between 0 and 1),
  add column tail_p_value double precision check (tail_p_value between 0 and 1),
  add column tail_shift double precision check (tail_shift >= 0);
--> statement-breakpoint
-- Every symbol that a screen was offered, with what became of it and how steady its variance is.
create table spreadworks.screened_symbols (
  screen_id text not null references spreadworks.screens (id) on delete cascade,
  symbol text not null,
  verdict text not null check (verdict in ('incomplete', 'not-testable', 'unstable', 'screened')),
  observations integer not null check (observations >= 0),
  masked_spikes integer check (masked_spikes >= 0),
  arch_p_value double precision check (arch_p_value between 0 and 1),
  ljung_box_p_value double precision check (ljung_box_p_value between 0 and 1),
  volatility_variation double precision check (volatility_variation >= 0),
  z_score double precision,
  volatility double precision check (volatility >= 0),
  detail jsonb not null default '{}',
  primary key (screen_id, symbol)
);
