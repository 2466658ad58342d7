-- The pipeline's own records. Every table of files, rows and runs that Rollcall keeps about itself.

create table ops.file_loads (
    load_id bigint generated always as identity primary key,
    source text not null,
    file text not null,
    sha256 text not null,
    bytes bigint not null,
    status text not null check (status in ('loaded', 'refused', 'failed', 'unloaded')),
    contract text not null,
    snapshot_at timestamptz,
    rows_read bigint not null default 0,
    rows_inserted bigint not null default 0,
    rows_updated bigint not null default 0,
    rows_unchanged bigint not null default 0,
    rows_superseded bigint not null default 0,
    rows_duplicate bigint not null default 0,
    rows_rejected bigint not null default 0,
    tied_versions bigint not null default 0,
    undeclared_columns text[] not null default '{}',
    missing_ids bigint not null default 0,
    error text,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    dag_run_id text,
    constraint nothing_is_lost check (
        status <> 'loaded'
        or rows_read
        = rows_inserted + rows_updated + rows_unchanged + rows_superseded + rows_duplicate + rows_rejected
    )
);

create unique index file_loads_loaded_once on ops.file_loads (source, sha256) where status = 'loaded';

comment on column ops.file_loads.contract is
'Fingerprint of what the file was judged by (columns, codes, limits): a refused file is tried again when it changes.';

create table ops.rejected_rows (
    rejected_id bigint generated always as identity primary key,
    load_id bigint not null references ops.file_loads (load_id) on delete cascade,
    source text not null,
    file text not null,
    line bigint not null,
    key text,
    raw bytea not null,
    reasons text[] not null,
    rejected_at timestamptz not null default clock_timestamp(),
    resolved_at timestamptz,
    resolved_load_id bigint references ops.file_loads (load_id)
);

create index rejected_rows_open on ops.rejected_rows (source, key) where resolved_at is null;

create table ops.etl_job_status (
    job_id text primary key,
    job_type text not null,
    status text not null check (status in ('pending', 'running', 'completed', 'failed')),
    started_at timestamptz,
    completed_at timestamptz,
    records_processed bigint not null default 0,
    records_failed bigint not null default 0,
    bytes_processed bigint not null default 0,
    error_message text,
    retry_count int not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);

create table ops.checkpoint_runs (
    checkpoint_run_id bigint generated always as identity primary key,
    checkpoint text not null,
    table_name text not null,
    max_load_id bigint not null,
    outcome text not null check (outcome in ('passed', 'warned', 'failed')),
    dag_run_id text,
    finished_at timestamptz not null default clock_timestamp()
);

comment on column ops.checkpoint_runs.max_load_id is
'The newest load that was checked: the next run looks only at what came after the last run that passed.';

create table ops.publications (
    publication_id bigint generated always as identity primary key,
    as_of date not null,
    dag_run_id text not null,
    candidate_id uuid not null unique,
    published_at timestamptz not null default clock_timestamp()
);

comment on column ops.publications.candidate_id is
'The gold_candidate that was published: publishing one twice is recognised as a retry.';

create table ops.publication_tables (
    publication_id bigint not null references ops.publications (publication_id) on delete cascade,
    table_name text not null,
    rows_added bigint not null,
    rows_changed bigint not null,
    rows_removed bigint not null,
    primary key (publication_id, table_name)
);

create table ops.run_summaries (
    dag_run_id text not null,
    dag_id text not null,
    finished_at timestamptz not null default clock_timestamp(),
    outcome text not null check (outcome in ('success', 'partial', 'failed')),
    summary jsonb not null,
    primary key (dag_id, dag_run_id)
);
