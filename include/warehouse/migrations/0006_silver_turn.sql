-- Gold is built from one silver: while a run builds it, no other run changes silver.

create table ops.silver_turn (
    is_taken boolean primary key default true check (is_taken),
    dag_id text not null,
    dag_run_id text not null,
    taken_at timestamptz not null default clock_timestamp()
);

comment on table ops.silver_turn is
'The run that may change silver, and build gold from it: one row, or none. That of a run that is over counts for nothing.';
