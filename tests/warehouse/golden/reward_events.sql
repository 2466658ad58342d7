create table if not exists "bronze"."reward_events" (
    "event_time" timestamptz not null,
    "user_id" text not null,
    "event_type" text not null,
    "transaction_category" text,
    "miles_amount" numeric,
    "platform" text,
    "utm_source" text,
    "country" text,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb,
    "event_key" text not null generated always as (
        md5(encode(timestamptz_send("event_time"), 'hex') || '|' || regexp_replace("user_id", '([\\|∅])', '\\\1', 'g') || '|' || regexp_replace("event_type", '([\\|∅])', '\\\1', 'g') || '|' || coalesce(regexp_replace("transaction_category", '([\\|∅])', '\\\1', 'g'), '∅') || '|' || coalesce(trim_scale("miles_amount")::text, '∅') || '|' || coalesce(regexp_replace("platform", '([\\|∅])', '\\\1', 'g'), '∅'))
    ) stored
) partition by range ("event_time");

alter table "bronze"."reward_events" add column if not exists "transaction_category" text;

alter table "bronze"."reward_events" add column if not exists "miles_amount" numeric;

alter table "bronze"."reward_events" add column if not exists "platform" text;

alter table "bronze"."reward_events" add column if not exists "utm_source" text;

alter table "bronze"."reward_events" add column if not exists "country" text;

create index if not exists "reward_events_load_id" on "bronze"."reward_events" using brin (_load_id);

alter table "bronze"."reward_events" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."reward_events" add column _row_hash bytea not null generated always as (
    decode(md5(encode(timestamptz_send("event_time"), 'hex') || '' || "user_id" || '' || "event_type" || coalesce('transaction_category=' || "transaction_category", '') || coalesce('miles_amount=' || trim_scale("miles_amount")::text, '') || coalesce('platform=' || "platform", '') || coalesce('utm_source=' || "utm_source", '') || coalesce('country=' || "country", '') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored, add primary key ("event_key", "event_time", "_row_hash");
comment on column "bronze"."reward_events"."_row_hash" is 'Equal rows have equal hashes. Expression 38ebfdc2';

insert into "typed" (_record, _line, _raw, reasons, "event_time",
    "user_id",
    "event_type",
    "transaction_category",
    "miles_amount",
    "platform",
    "utm_source",
    "country",
    "x0")
with

trimmed as (

    select
        _record,
        _line,
        _problem,
        _raw,
        nullif(nullif(btrim("c0", E' \t\r\n'), ''), '\N') as "event_time",
        nullif(nullif(btrim("c1", E' \t\r\n'), ''), '\N') as "user_id",
        nullif(nullif(btrim("c2", E' \t\r\n'), ''), '\N') as "event_type",
        nullif(nullif(btrim("c3", E' \t\r\n'), ''), '\N') as "transaction_category",
        nullif(nullif(btrim("c4", E' \t\r\n'), ''), '\N') as "miles_amount",
        nullif(nullif(btrim("c5", E' \t\r\n'), ''), '\N') as "platform",
        nullif(nullif(btrim("c6", E' \t\r\n'), ''), '\N') as "utm_source",
        nullif(nullif(btrim("c7", E' \t\r\n'), ''), '\N') as "country",
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
        cells."event_time" as "event_time as text",
        cells."user_id" as "user_id as text",
        cells."event_type" as "event_type as text",
        cells."transaction_category" as "transaction_category as text",
        cells."miles_amount" as "miles_amount as text",
        cells."platform" as "platform as text",
        cells."utm_source" as "utm_source as text",
        cells."country" as "country as text",
        case when cells."event_time" ~  E'^\\d{4}-\\d\\d-\\d\\d[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?[0-5]\\d)?)?$' and pg_input_is_valid(cells."event_time", 'timestamptz') then cells."event_time"::timestamptz end as "event_time",
        cells."user_id" as "user_id",
        cells."event_type" as "event_type",
        cells."transaction_category" as "transaction_category",
        case when cells."miles_amount" ~  E'^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)$' and pg_input_is_valid(cells."miles_amount", 'numeric') then cells."miles_amount"::numeric end as "miles_amount",
        cells."platform" as "platform",
        cells."utm_source" as "utm_source",
        cells."country" as "country"
    from trimmed as cells

),

judged as (

    select
        *,
        case
            when _problem is not null then array[_problem]
            else array_remove(array[
                case when "event_time as text" is null then 'missing:event_time' end,
                case when "event_time as text" is not null and "event_time" is null then 'bad_type:event_time' end,
                case when not ("event_time" < '9999-01-01 00:00:00+00'::timestamptz and "event_time" between '2000-01-01 00:00:00+00'::timestamptz and '2025-03-15T12:00:00+00:00'::timestamptz) then 'out_of_range:event_time' end,
                case when "user_id as text" is null then 'missing:user_id' end,
                case when "event_type as text" is null then 'missing:event_type' end,
                case when "miles_amount as text" is not null and "miles_amount" is null then 'bad_type:miles_amount' end,
                case when greatest(length("user_id as text")) > 255 or greatest(octet_length("event_time as text"), octet_length("user_id as text"), octet_length("event_type as text"), octet_length("transaction_category as text"), octet_length("miles_amount as text"), octet_length("platform as text"), octet_length("utm_source as text"), octet_length("country as text"), octet_length("x0")) > 1000 then 'too_long' end
            ]::text[], null)
        end as reasons
    from typed

)

select
    _record,
    _line,
    _raw,
    reasons,
    "event_time",
    "user_id",
    "event_type",
    "transaction_category",
    "miles_amount",
    "platform",
    "utm_source",
    "country",
    "x0"
from judged
order by _record

select ops.make_month_partitions('"bronze"."reward_events"'::regclass, array(select distinct date_trunc('month', "event_time" at time zone 'UTC')::date from "typed" where is_accepted))

select
    typed.row_id,
    ("typed"."event_time", "typed"."user_id", "typed"."event_type", "typed"."transaction_category", "typed"."miles_amount", "typed"."platform", "typed"."utm_source", "typed"."country", "typed"."_extra"::text) is not distinct from ("other"."event_time", "other"."user_id", "other"."event_type", "other"."transaction_category", "other"."miles_amount", "other"."platform", "other"."utm_source", "other"."country", "other"."_extra"::text) as is_same,
    true as is_tied
from (
    select ctid as row_id, * from "typed" where is_accepted order by "key" offset 0
) as typed
cross join lateral (
    select * from "bronze"."reward_events" as other where "other"."event_key" = "typed"."key" and "other"."event_time" = "typed"."event_time" offset 0
) as other

insert into "bronze"."reward_events" ("event_time", "user_id", "event_type", "transaction_category", "miles_amount", "platform", "utm_source", "country", _load_id, _ingested_at, _source_file, _source_line, _extra)
select "event_time", "user_id", "event_type", "transaction_category", "miles_amount", "platform", "utm_source", "country", %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from "typed"
where is_accepted and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid)
order by "key", _line
on conflict do nothing

select count(*) from (
    select distinct key, row_hash from (
select typed.key, decode(md5(encode(timestamptz_send("typed"."event_time"), 'hex') || '' || "typed"."user_id" || '' || "typed"."event_type" || coalesce('transaction_category=' || "typed"."transaction_category", '') || coalesce('miles_amount=' || trim_scale("typed"."miles_amount")::text, '') || coalesce('platform=' || "typed"."platform", '') || coalesce('utm_source=' || "typed"."utm_source", '') || coalesce('country=' || "typed"."country", '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as row_hash
    from "typed" as typed
    where typed.ctid in (select row_id from "known" where is_tied and not is_same) and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid)
union all
    select unnest(array_agg(key)), unnest(array_agg(row_hash))
    from (
        select "key", decode(md5(encode(timestamptz_send("typed"."event_time"), 'hex') || '' || "typed"."user_id" || '' || "typed"."event_type" || coalesce('transaction_category=' || "typed"."transaction_category", '') || coalesce('miles_amount=' || trim_scale("typed"."miles_amount")::text, '') || coalesce('platform=' || "typed"."platform", '') || coalesce('utm_source=' || "typed"."utm_source", '') || coalesce('country=' || "typed"."country", '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as row_hash
        from "typed" as typed
        where typed.is_accepted and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid) and typed.key in (
            select key from "typed" where is_accepted group by key having count(*) > 1
        )
    ) as rows
    group by "key"
    having count(distinct row_hash) > 1) as tied
) as versions
