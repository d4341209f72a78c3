alter table mlflow.model_versions
  add column run_link text not null default '',
  add column model_id text,
  add column storage_location text;
--> statement-breakpoint
update mlflow.model_versions set storage_location = source;
--> statement-breakpoint
alter table mlflow.model_versions alter column storage_location set not null;
--> statement-breakpoint
create index model_versions_by_run on mlflow.model_versions (run_id);
--> statement-breakpoint
create index model_versions_by_logged_model on mlflow.model_versions (model_id);
--> statement-breakpoint
create index model_versions_by_update on mlflow.model_versions (last_updated_timestamp desc, name, version desc);
--> statement-breakpoint
create table mlflow.registered_model_tags (
  name text not null references mlflow.registered_models on update cascade on delete cascade,
  key text not null,
  value text not null,
  primary key (name, key)
);
--> statement-breakpoint
create table mlflow.registered_model_aliases (
  name text not null,
  alias text not null,
  version integer not null,
  primary key (name, alias),
  foreign key (name, version) references mlflow.model_versions on update cascade on delete cascade
);
--> statement-breakpoint
create index registered_model_aliases_by_version on mlflow.registered_model_aliases (name, version);
