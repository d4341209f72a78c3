-- A run's rows are kept under a number of eight bytes: its id of 32 letters would be most of every row and of every key.
-- No foreign key: rows are written only while their run is locked, runs are never removed, and a look at `runs` for each metric
-- would be half of the cost of logging it.
alter table mlflow.runs add column run_no bigint generated always as identity, add column revision bigint not null default 0;
--> statement-breakpoint
create unique index runs_by_number on mlflow.runs (run_no);
--> statement-breakpoint
-- Every write counts the revision up; room in the page lets it stay on its page and leave the indexes alone.
alter table mlflow.runs set (fillfactor = 70);
--> statement-breakpoint
alter table mlflow.params add column run_no bigint;
--> statement-breakpoint
update mlflow.params p set run_no = r.run_no from mlflow.runs r where r.run_id = p.run_id;
--> statement-breakpoint
alter table mlflow.params drop column run_id, alter column run_no set not null, alter column key type text collate "C",
  add primary key (run_no, key);
--> statement-breakpoint
create index params_by_value on mlflow.params (key, left(value, 64), run_no);
--> statement-breakpoint
alter table mlflow.tags add column run_no bigint;
--> statement-breakpoint
update mlflow.tags t set run_no = r.run_no from mlflow.runs r where r.run_id = t.run_id;
--> statement-breakpoint
alter table mlflow.tags drop column run_id, alter column run_no set not null, alter column key type text collate "C",
  add primary key (run_no, key);
--> statement-breakpoint
create index tags_by_value on mlflow.tags (key, left(value, 64), run_no);
--> statement-breakpoint
alter table mlflow.metrics add column run_no bigint;
--> statement-breakpoint
update mlflow.metrics m set run_no = r.run_no from mlflow.runs r where r.run_id = m.run_id;
--> statement-breakpoint
alter table mlflow.metrics drop column run_id, alter column run_no set not null, alter column key type text collate "C",
  add primary key (run_no, key, timestamp, step, value, is_nan);
--> statement-breakpoint
alter table mlflow.latest_metrics add column run_no bigint;
--> statement-breakpoint
update mlflow.latest_metrics m set run_no = r.run_no from mlflow.runs r where r.run_id = m.run_id;
--> statement-breakpoint
alter table mlflow.latest_metrics drop column run_id, alter column run_no set not null, alter column key type text collate "C",
  add primary key (run_no, key);
--> statement-breakpoint
create index latest_metrics_by_key on mlflow.latest_metrics (key, run_no);
--> statement-breakpoint
alter table mlflow.latest_metrics set (fillfactor = 70);
--> statement-breakpoint
create table mlflow.datasets (
  dataset_no bigint generated always as identity primary key,
  experiment_id bigint not null references mlflow.experiments on delete cascade,
  name text not null,
  digest text not null,
  source_type text not null,
  source text not null,
  schema text,
  profile text,
  unique (experiment_id, name, digest)
);
--> statement-breakpoint
create table mlflow.inputs (
  run_no bigint not null references mlflow.runs (run_no) on delete cascade,
  dataset_no bigint not null references mlflow.datasets on delete cascade,
  primary key (run_no, dataset_no)
);
--> statement-breakpoint
create index inputs_by_dataset on mlflow.inputs (dataset_no, run_no);
--> statement-breakpoint
create table mlflow.input_tags (
  run_no bigint not null,
  dataset_no bigint not null,
  key text not null,
  value text not null,
  primary key (run_no, dataset_no, key),
  foreign key (run_no, dataset_no) references mlflow.inputs on delete cascade
);
--> statement-breakpoint
create table mlflow.run_models (
  run_no bigint not null references mlflow.runs (run_no) on delete cascade,
  model_id text not null,
  role text not null check (role in ('input', 'output')),
  step bigint not null default 0,
  primary key (run_no, role, model_id)
);
