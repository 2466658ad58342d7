create table if not exists "bronze"."platform_events" (
    "event_id" text not null,
    "learner_id" text not null,
    "event_type" text not null,
    "timestamp" timestamptz not null,
    "session_id" text,
    "data" jsonb,
    "metadata" jsonb,
    "version" text,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb
) partition by range ("timestamp");

alter table "bronze"."platform_events" add column if not exists "session_id" text;

alter table "bronze"."platform_events" add column if not exists "data" jsonb;

alter table "bronze"."platform_events" add column if not exists "metadata" jsonb;

alter table "bronze"."platform_events" add column if not exists "version" text;

create index if not exists "platform_events_load_id" on "bronze"."platform_events" using brin (_load_id);

alter table "bronze"."platform_events" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."platform_events" add column _row_hash bytea not null generated always as (
    decode(md5("event_id" || '' || "learner_id" || '' || "event_type" || '' || encode(timestamptz_send("timestamp"), 'hex') || coalesce('session_id=' || "session_id", '') || coalesce('data=' || "data"::text, '') || coalesce('metadata=' || "metadata"::text, '') || coalesce('version=' || "version", '') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored, add primary key ("event_id", "timestamp", "_row_hash");
comment on column "bronze"."platform_events"."_row_hash" is 'Equal rows have equal hashes. Expression 82f8f825';

insert into "typed" (_record, _line, _raw, reasons, "event_id",
    "learner_id",
    "event_type",
    "timestamp",
    "session_id",
    "data",
    "metadata",
    "version as read",
    "x0")
with

trimmed as (

    select
        _record,
        _line,
        _problem,
        _raw,
        nullif(nullif(btrim("c0", E' \t\r\n'), ''), '\N') as "event_id",
        nullif(nullif(btrim("c1", E' \t\r\n'), ''), '\N') as "learner_id",
        nullif(nullif(btrim("c2", E' \t\r\n'), ''), '\N') as "event_type",
        nullif(nullif(btrim("c3", E' \t\r\n'), ''), '\N') as "timestamp",
        nullif(nullif(btrim("c4", E' \t\r\n'), ''), '\N') as "session_id",
        nullif(nullif(btrim("c5", E' \t\r\n'), ''), '\N') as "data",
        nullif(nullif(btrim("c6", E' \t\r\n'), ''), '\N') as "metadata",
        nullif(nullif(btrim("c7", E' \t\r\n'), ''), '\N') as "version",
        nullif(nullif(btrim("c99", E' \t\r\n'), ''), '\N') as "x0"
    from "raw"

),

typed as (

    select
        cells._record,
        cells._line,
        cells._problem,
        cells._raw,
        "cells"."x0",
        cells."event_id" as "event_id as text",
        cells."learner_id" as "learner_id as text",
        cells."event_type" as "event_type as text",
        cells."timestamp" as "timestamp as text",
        cells."session_id" as "session_id as text",
        cells."data" as "data as text",
        cells."metadata" as "metadata as text",
        cells."version" as "version as text",
        cells."event_id" as "event_id",
        cells."learner_id" as "learner_id",
        cells."event_type" as "event_type",
        case when cells."timestamp" ~  E'^\\d{4}-\\d\\d-\\d\\d[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?[0-5]\\d)?)?$' and pg_input_is_valid(cells."timestamp", 'timestamptz') then cells."timestamp"::timestamptz end as "timestamp",
        cells."session_id" as "session_id",
        case when cells."data" ~  E'^\\{' and pg_input_is_valid(cells."data", 'jsonb') then cells."data"::jsonb end as "data",
        case when cells."metadata" ~  E'^\\{' and pg_input_is_valid(cells."metadata", 'jsonb') then cells."metadata"::jsonb end as "metadata",
        cells."version" as "version"
    from trimmed as cells

),

judged as (

    select
        *,
        case
            when _problem is not null then array[_problem]
            else array_remove(array[
                case when "event_id as text" is null then 'missing:event_id' end,
                case when "learner_id as text" is null then 'missing:learner_id' end,
                case when "event_type as text" is null then 'missing:event_type' end,
                case when "timestamp as text" is null then 'missing:timestamp' end,
                case when "timestamp as text" is not null and "timestamp" is null then 'bad_type:timestamp' end,
                case when not ("timestamp" < '9999-01-01 00:00:00+00'::timestamptz and "timestamp" between '2000-01-01 00:00:00+00'::timestamptz and '2025-03-15T12:00:00+00:00'::timestamptz) then 'out_of_range:timestamp' end,
                case when "data as text" is not null and "data" is null then 'bad_type:data' end,
                case when "metadata as text" is not null and "metadata" is null then 'bad_type:metadata' end,
                case when greatest(length("event_id as text"), length("learner_id as text"), length("session_id as text")) > 255 or greatest(octet_length("event_id as text"), octet_length("learner_id as text"), octet_length("event_type as text"), octet_length("timestamp as text"), octet_length("session_id as text"), octet_length("data as text"), octet_length("metadata as text"), octet_length("version as text"), octet_length("x0")) > 1000 then 'too_long' end
            ]::text[], null)
        end as reasons
    from typed

)

select
    _record,
    _line,
    _raw,
    reasons,
    "event_id",
    "learner_id",
    "event_type",
    "timestamp",
    "session_id",
    "data",
    "metadata",
    "version",
    "x0"
from judged
order by _record

select ops.make_month_partitions('"bronze"."platform_events"'::regclass, array(select distinct date_trunc('month', "timestamp" at time zone 'UTC')::date from "typed" where is_accepted))

select
    typed.row_id,
    ("typed"."event_id", "typed"."learner_id", "typed"."event_type", "typed"."timestamp", "typed"."session_id", "typed"."data"::text, "typed"."metadata"::text, "typed"."version", "typed"."_extra"::text) is not distinct from ("other"."event_id", "other"."learner_id", "other"."event_type", "other"."timestamp", "other"."session_id", "other"."data"::text, "other"."metadata"::text, "other"."version", "other"."_extra"::text) as is_same,
    "other"."timestamp" is not distinct from "typed"."timestamp" as is_tied
from (
    select ctid as row_id, * from "typed" where is_accepted order by "event_id" offset 0
) as typed
cross join lateral (
    select * from "bronze"."platform_events" as other where "other"."event_id" = "typed"."event_id" and "other"."timestamp" = "typed"."timestamp" offset 0
) as other

insert into "bronze"."platform_events" ("event_id", "learner_id", "event_type", "timestamp", "session_id", "data", "metadata", "version", _load_id, _ingested_at, _source_file, _source_line, _extra)
select "event_id", "learner_id", "event_type", "timestamp", "session_id", "data", "metadata", "version", %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from "typed"
where is_accepted and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid)
order by "event_id", _line
on conflict do nothing

select count(*) from (
    select distinct key, row_hash from (
select typed.key, decode(md5("typed"."event_id" || '' || "typed"."learner_id" || '' || "typed"."event_type" || '' || encode(timestamptz_send("typed"."timestamp"), 'hex') || coalesce('session_id=' || "typed"."session_id", '') || coalesce('data=' || "typed"."data"::text, '') || coalesce('metadata=' || "typed"."metadata"::text, '') || coalesce('version=' || "typed"."version", '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as row_hash
    from "typed" as typed
    where typed.ctid in (select row_id from "known" where is_tied and not is_same) and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid)
union all
    select unnest(array_agg(key)), unnest(array_agg(row_hash))
    from (
        select "key", "timestamp", decode(md5("typed"."event_id" || '' || "typed"."learner_id" || '' || "typed"."event_type" || '' || encode(timestamptz_send("typed"."timestamp"), 'hex') || coalesce('session_id=' || "typed"."session_id", '') || coalesce('data=' || "typed"."data"::text, '') || coalesce('metadata=' || "typed"."metadata"::text, '') || coalesce('version=' || "typed"."version", '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as row_hash
        from "typed" as typed
        where typed.is_accepted and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid) and typed.key in (
            select key from "typed" where is_accepted group by key having count(*) > 1
        )
    ) as rows
    group by "key", "timestamp"
    having count(distinct row_hash) > 1) as tied
) as versions
