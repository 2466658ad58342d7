-- What learning events need: tables partitioned by month, changes by content, the record of what was purged, and when
-- a file arrived.

alter table ops.silver_changes add column content_id text;

alter table ops.file_loads add column arrived_at timestamptz;

comment on column ops.file_loads.arrived_at is
'When the file was last written, by which its dates are judged; NULL for loads of older versions.';

create function ops.make_month_partitions(parent regclass, months date[]) returns void language plpgsql as $$
declare
    parent_name text := (select relname from pg_class where oid = parent);
    month_start date;
    lower_bound text;
    upper_bound text;
    partition_name text;
begin
    -- Two builds of one month at once: the second waits here, and then finds it made.
    perform pg_advisory_xact_lock(hashtextextended('rollcall:partitions', parent::oid::bigint));
    foreach month_start in array array(select distinct date_trunc('month', day)::date from unnest(months) as day order by 1)
    loop
        -- In UTC whatever the session's zone: of dates the zone says nothing.
        lower_bound := format('%s 00:00:00+00', month_start);
        upper_bound := format('%s 00:00:00+00', (month_start + interval '1 month')::date);
        continue when exists (
            select from pg_inherits
            where inhparent = parent and obj_description(inhrelid, 'pg_class') = month_start::text
        );
        partition_name := format('%s_%s', left(replace(parent_name, '__dbt_tmp', ''), 40), to_char(month_start, 'YYYY_MM'));
        if to_regclass(format('partitions.%I', partition_name)) is not null then
            -- The table that this one is to replace has it.
            partition_name := format('%s_%s', partition_name, parent::oid);
        end if;
        execute format('create table partitions.%I (like %s including defaults including generated)', partition_name, parent);
        execute format('comment on table partitions.%I is %L', partition_name, month_start);
        -- Attached, not made as a partition: that would wait for every reader, and hold up those behind.
        execute format(
            'alter table %s attach partition partitions.%I for values from (%L) to (%L)',
            parent, partition_name, lower_bound, upper_bound
        );
    end loop;
end
$$;

comment on function ops.make_month_partitions is
'Makes those partitions of a table, one a calendar month, that are missing; their comments are the first of the month.';

create table ops.purges (
    purge_id bigint generated always as identity primary key,
    kind text not null check (kind in ('raw_events', 'aggregates')),
    horizon date not null,
    dag_run_id text,
    rows_dropped bigint not null,
    purged_at timestamptz not null default clock_timestamp()
);

comment on table ops.purges is
'What retention has taken out: everything before the horizon, the raw events or the aggregates made of them.';

create table ops.sessions_at_horizon (
    source text not null,
    learner_id text not null,
    session_id text not null,
    is_derived boolean not null,
    last_event_at timestamptz not null,
    primary key (source, learner_id, session_id)
);

comment on table ops.sessions_at_horizon is
'Sessions with events on both sides of the horizon of raw events: silver keeps them as they were.';
comment on column ops.sessions_at_horizon.last_event_at is 'Its last event before the horizon.';
