create table mlflow.logged_models (
  model_id text primary key check (model_id ~ '^m-[0-9a-f]{32}$'),
  experiment_id bigint not null references mlflow.experiments,
  name text not null,
  artifact_uri text not null,
  status text not null check (status in ('LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED')),
  model_type text not null,
  source_run_id text not null,
  lifecycle_stage text not null default 'active' check (lifecycle_stage in ('active', 'deleted')),
  creation_timestamp_ms bigint not null,
  last_updated_timestamp_ms bigint not null
);
--> statement-breakpoint
create index logged_models_by_experiment on mlflow.logged_models (experiment_id, creation_timestamp_ms desc, model_id);
--> statement-breakpoint
create index logged_models_by_run on mlflow.logged_models (source_run_id);
--> statement-breakpoint
create table mlflow.logged_model_params (
  model_id text not null references mlflow.logged_models on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);
--> statement-breakpoint
create table mlflow.logged_model_tags (
  model_id text not null references mlflow.logged_models on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);
--> statement-breakpoint
create table mlflow.logged_model_metrics (
  model_id text not null references mlflow.logged_models on delete cascade,
  run_id text not null references mlflow.runs on delete cascade,
  key text not null,
  timestamp bigint not null,
  step bigint not null,
  value double precision not null,
  is_nan boolean not null,
  dataset_name text not null,
  dataset_digest text not null,
  primary key (model_id, key, timestamp, step, run_id, value, is_nan, dataset_name, dataset_digest)
);
