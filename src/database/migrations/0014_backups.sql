-- Every backup that was taken: where it lies, what it holds, and what came of restoring it. Its folder may be gone since.
create table spreadworks.backups (
  name text primary key,
  folder text not null,
  taken_at timestamptz not null,
  rows bigint not null check (rows >= 0),
  bytes bigint not null check (bytes >= 0),
  proved_at timestamptz,
  failure text,
  removed_at timestamptz,
  check (proved_at is null or failure is null)
);
