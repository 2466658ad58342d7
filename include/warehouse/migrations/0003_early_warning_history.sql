-- What early_warning has said, as of which day and by which rule; and of checkpoints, what they found of schools.

create table ops.early_warning_history (
    as_of date not null,
    student_id text not null,
    indicator text not null,
    severity text not null check (severity in ('none', 'watch', 'warning', 'not_enough_data')),
    reason text not null,
    value numeric,
    threshold numeric,
    rule_id text not null,
    chronic_absence_rule_id text,
    publication_id bigint not null references ops.publications (publication_id),
    primary key (as_of, student_id, indicator, publication_id)
);

comment on table ops.early_warning_history is
'Every publication adds what gold.early_warning says anew of a day, student and indicator. Rows stay as they are.';

create function ops.keep_early_warning_history() returns trigger language plpgsql as $$
begin
    raise exception 'ops.early_warning_history keeps what was said: % is refused', lower(tg_op)
    using hint = 'Nothing is to be done: the next publication adds what has changed.';
end
$$;

create trigger keep_early_warning_history before update or delete or truncate on ops.early_warning_history
for each statement execute function ops.keep_early_warning_history();

alter table ops.checkpoint_runs add column named_findings text[] not null default '{}';

comment on column ops.checkpoint_runs.named_findings is
'Findings that name schools or classes, as sentences; all findings are in the data docs.';
