-- How far each silver model has come, and what it changed: the next model computes only what was touched.

create table ops.silver_models (
    model text primary key,
    fingerprint text not null,
    max_load_id bigint not null,
    max_change_id bigint not null,
    built_at timestamptz not null default clock_timestamp()
);

comment on column ops.silver_models.fingerprint is
'What the table was made by: code, macros, seeds, and the unloads so far. With another one it is built anew.';
comment on column ops.silver_models.max_load_id is 'The newest load that the table has taken in.';
comment on column ops.silver_models.max_change_id is 'The newest change of other models that the table has taken in.';

create table ops.silver_changes (
    change_id bigint generated always as identity primary key,
    model text not null,
    is_everything boolean not null default false,
    student_id text,
    school_id text,
    class_id text,
    calendar_date date
);

comment on table ops.silver_changes is
'The keys of the rows that a silver model wrote; kept until every later model and a publication have taken them in.';

alter table ops.publications add column max_change_id bigint;

comment on column ops.publications.max_change_id is
'The newest change of silver that was published: until then data tests look at a changed row.';
