create table if not exists "bronze"."school_days" (
    "school_id" text not null,
    "calendar_date" date not null,
    "is_school_day" boolean not null,
    "day_type" text,
    "updated_at" timestamptz,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb,
    _missing_since date,
    primary key ("school_id", "calendar_date")
);

alter table "bronze"."school_days" add column if not exists "day_type" text;

alter table "bronze"."school_days" add column if not exists "updated_at" timestamptz;

create index if not exists "school_days_load_id" on "bronze"."school_days" using brin (_load_id);

alter table "bronze"."school_days" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."school_days" add column _row_hash bytea not null generated always as (
    decode(md5("school_id" || '' || encode(date_send("calendar_date"), 'hex') || '' || "is_school_day"::text || coalesce('day_type=' || "day_type", '') || coalesce('updated_at=' || encode(timestamptz_send("updated_at"), 'hex'), '') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored;
comment on column "bronze"."school_days"."_row_hash" is 'Equal rows have equal hashes. Expression 10d5bcd2';

create table if not exists "bronze"."school_days_history" (
    "school_id" text not null,
    "calendar_date" date not null,
    "is_school_day" boolean not null,
    "day_type" text,
    "updated_at" timestamptz,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb
);

alter table "bronze"."school_days_history" add column if not exists "day_type" text;

alter table "bronze"."school_days_history" add column if not exists "updated_at" timestamptz;

create index if not exists "school_days_history_load_id" on "bronze"."school_days_history" using brin (_load_id);

alter table "bronze"."school_days_history" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."school_days_history" add column _row_hash bytea not null generated always as (
    decode(md5("school_id" || '' || encode(date_send("calendar_date"), 'hex') || '' || "is_school_day"::text || coalesce('day_type=' || "day_type", '') || coalesce('updated_at=' || encode(timestamptz_send("updated_at"), 'hex'), '') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored, add primary key ("school_id", "calendar_date", "_row_hash");
comment on column "bronze"."school_days_history"."_row_hash" is 'Equal rows have equal hashes. Expression 10d5bcd2';

create table if not exists "bronze"."school_days_presence" (
    "school_id" text not null,
    "calendar_date" date not null,
    missing_from date not null,
    returned_on date,
    missing_load_id bigint not null,
    returned_load_id bigint,
    primary key ("school_id", "calendar_date", missing_load_id)
);

insert into "typed" (_record, _line, _raw, reasons, "school_id",
    "calendar_date",
    "is_school_day",
    "day_type",
    "updated_at",
    "x0")
with

trimmed as (

    select
        _record,
        _line,
        _problem,
        _raw,
        nullif(nullif(btrim("c0", E' \t\r\n'), ''), '\N') as "school_id",
        nullif(nullif(btrim("c1", E' \t\r\n'), ''), '\N') as "calendar_date",
        nullif(nullif(btrim("c2", E' \t\r\n'), ''), '\N') as "is_school_day",
        nullif(nullif(btrim("c3", E' \t\r\n'), ''), '\N') as "day_type",
        nullif(nullif(btrim("c4", E' \t\r\n'), ''), '\N') as "updated_at",
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
        cells."school_id" as "school_id as text",
        cells."calendar_date" as "calendar_date as text",
        cells."is_school_day" as "is_school_day as text",
        cells."day_type" as "day_type as text",
        cells."updated_at" as "updated_at as text",
        cells."school_id" as "school_id",
        case when cells."calendar_date" ~  E'^\\d{4}-\\d\\d-\\d\\d$' and pg_input_is_valid(cells."calendar_date", 'date') then cells."calendar_date"::date end as "calendar_date",
        case when lower(cells."is_school_day") ~ '^(true|false|yes|no|1|0)$' and pg_input_is_valid(lower(cells."is_school_day"), 'boolean') then lower(cells."is_school_day")::boolean end as "is_school_day",
        cells."day_type" as "day_type",
        case when cells."updated_at" ~  E'^\\d{4}-\\d\\d-\\d\\d[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?[0-5]\\d)?)?$' and pg_input_is_valid(cells."updated_at", 'timestamptz') then cells."updated_at"::timestamptz end as "updated_at"
    from trimmed as cells

),

judged as (

    select
        *,
        case
            when _problem is not null then array[_problem]
            else array_remove(array[
                case when "school_id as text" is null then 'missing:school_id' end,
                case when "calendar_date as text" is null then 'missing:calendar_date' end,
                case when "calendar_date as text" is not null and "calendar_date" is null then 'bad_type:calendar_date' end,
                case when "is_school_day as text" is null then 'missing:is_school_day' end,
                case when "is_school_day as text" is not null and "is_school_day" is null then 'bad_type:is_school_day' end,
                case when "updated_at as text" is not null and "updated_at" is null then 'bad_type:updated_at' end,
                case when not ("updated_at" < '9999-01-01 00:00:00+00'::timestamptz) then 'out_of_range:updated_at' end,
                case when greatest(length("school_id as text"), length("calendar_date as text")) > 255 or greatest(octet_length("school_id as text"), octet_length("calendar_date as text"), octet_length("is_school_day as text"), octet_length("day_type as text"), octet_length("updated_at as text"), octet_length("x0")) > 1000 then 'too_long' end
            ]::text[], null)
        end as reasons
    from typed

)

select
    _record,
    _line,
    _raw,
    reasons,
    "school_id",
    "calendar_date",
    "is_school_day",
    "day_type",
    "updated_at",
    "x0"
from judged
order by _record

update "typed" as typed
set reasons = array['conflicting_id_in_file']
from (
    select "school_id", "calendar_date", "updated_at"
    from "typed" as typed
    where is_accepted
    group by "school_id", "calendar_date", "updated_at"
    having count(distinct decode(md5("typed"."school_id" || '' || encode(date_send("typed"."calendar_date"), 'hex') || '' || "typed"."is_school_day"::text || coalesce('day_type=' || "typed"."day_type", '') || coalesce('updated_at=' || encode(timestamptz_send("typed"."updated_at"), 'hex'), '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex')) > 1
) as conflicts
where typed.is_accepted and "typed"."school_id" = "conflicts"."school_id" and "typed"."calendar_date" = "conflicts"."calendar_date" and typed."updated_at" is not distinct from conflicts."updated_at"

select distinct on ("school_id", "calendar_date", _row_hash) *
from (
    select typed.*, decode(md5("typed"."school_id" || '' || encode(date_send("typed"."calendar_date"), 'hex') || '' || "typed"."is_school_day"::text || coalesce('day_type=' || "typed"."day_type", '') || coalesce('updated_at=' || encode(timestamptz_send("typed"."updated_at"), 'hex'), '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as _row_hash
    from "typed" as typed
    left join "bronze"."school_days" as present using ("school_id", "calendar_date")
    where typed.is_accepted and not coalesce(case when "present"."school_id" is not null then ("typed"."school_id", "typed"."calendar_date", "typed"."is_school_day", "typed"."day_type", "typed"."updated_at", "typed"."_extra"::text) is not distinct from ("present"."school_id", "present"."calendar_date", "present"."is_school_day", "present"."day_type", "present"."updated_at", "present"."_extra"::text) end, false)
) as changed
order by "school_id", "calendar_date", _row_hash, _line

select count(*)
from "bronze"."school_days" as present
where exists (
    select from "typed" as typed
    where typed.is_accepted and "typed"."school_id" = "present"."school_id" and "typed"."calendar_date" = "present"."calendar_date" and case when "present"."school_id" is not null then ("typed"."school_id", "typed"."calendar_date", "typed"."is_school_day", "typed"."day_type", "typed"."updated_at", "typed"."_extra"::text) is not distinct from ("present"."school_id", "present"."calendar_date", "present"."is_school_day", "present"."day_type", "present"."updated_at", "present"."_extra"::text) end
)

insert into "bronze"."school_days_history" ("school_id", "calendar_date", "is_school_day", "day_type", "updated_at", _load_id, _ingested_at, _source_file, _source_line, _extra)
select "school_id", "calendar_date", "is_school_day", "day_type", "updated_at", %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from "changed"
where is_accepted and true
order by "school_id", "calendar_date", _line
on conflict ("school_id", "calendar_date", _row_hash) do update set "_load_id" = excluded."_load_id", "_ingested_at" = excluded."_ingested_at", "_source_file" = excluded."_source_file", "_source_line" = excluded."_source_line"
where exists (
    select from "bronze"."school_days" as present
    where "present"."school_id" = "school_days_history"."school_id" and "present"."calendar_date" = "school_days_history"."calendar_date" and present._row_hash <> "school_days_history"._row_hash
        and present."updated_at" is not distinct from "school_days_history"."updated_at"
)

select
    newest.*,
    changed._row_hash as _brought_hash,
    case
        when newest._row_hash <> changed._row_hash then 'superseded'
        when present._row_hash is null then 'inserted'
        else 'updated'
    end as _outcome
from "changed" as changed
cross join lateral (
    select * from "bronze"."school_days_history" as history
    where "history"."school_id" = "changed"."school_id" and "history"."calendar_date" = "changed"."calendar_date"
    order by "updated_at" desc nulls last, _load_id desc, _source_line desc, _row_hash desc
    limit 1
) as newest
left join "bronze"."school_days" as present on "present"."school_id" = "changed"."school_id" and "present"."calendar_date" = "changed"."calendar_date"

insert into "bronze"."school_days" as present ("school_id", "calendar_date", "is_school_day", "day_type", "updated_at", "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra")
select "school_id", "calendar_date", "is_school_day", "day_type", "updated_at", "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra" from "outcomes" where _outcome in ('inserted', 'updated')
on conflict ("school_id", "calendar_date") do update set "school_id" = excluded."school_id", "calendar_date" = excluded."calendar_date", "is_school_day" = excluded."is_school_day", "day_type" = excluded."day_type", "updated_at" = excluded."updated_at", "_load_id" = excluded."_load_id", "_ingested_at" = excluded."_ingested_at", "_source_file" = excluded."_source_file", "_source_line" = excluded."_source_line", "_extra" = excluded."_extra"

select count(*)
from "changed" as changed
cross join lateral (
    select from "bronze"."school_days_history" as loaded
    where "loaded"."school_id" = "changed"."school_id" and "loaded"."calendar_date" = "changed"."calendar_date" and "loaded"."_row_hash" = "changed"."_row_hash" and loaded._load_id = %(load_id)s
    limit 1
) as loaded
cross join lateral (
    select from "bronze"."school_days_history" as other
    where "other"."school_id" = "changed"."school_id" and "other"."calendar_date" = "changed"."calendar_date" and other."updated_at" is not distinct from changed."updated_at"
        and other._row_hash <> changed._row_hash
    limit 1
) as other

select
    "school_id", "calendar_date",
    greatest(
        %(missing_from)s::date,
        (select max(earlier.returned_on) from "bronze"."school_days_presence" as earlier where "earlier"."school_id" = "present"."school_id" and "earlier"."calendar_date" = "present"."calendar_date")
    ) as missing_from
from "bronze"."school_days" as present
where _missing_since is null
    and "present"."calendar_date" between (select min(covered) from (select key, case when is_accepted then "calendar_date" end as covered from "seen_file") as seen) and (select max(covered) from (select key, case when is_accepted then "calendar_date" end as covered from "seen_file") as seen) and not exists (
    select from (select key, case when is_accepted then "calendar_date" end as covered from "seen_file") as seen where seen.key = regexp_replace("present"."school_id", '([\\|])', '\\\1', 'g') || '|' || regexp_replace(lpad(date_part('year', "present"."calendar_date")::int::text, 4, '0') || '-' || lpad(date_part('month', "present"."calendar_date")::int::text, 2, '0') || '-' || lpad(date_part('day', "present"."calendar_date")::int::text, 2, '0'), '([\\|])', '\\\1', 'g')
)

with

marked as (

    update "bronze"."school_days" as present
    set _missing_since = vanished.missing_from
    from "vanished" as vanished
    where "present"."school_id" = "vanished"."school_id" and "present"."calendar_date" = "vanished"."calendar_date"

)

insert into "bronze"."school_days_presence" ("school_id", "calendar_date", missing_from, missing_load_id)
select "school_id", "calendar_date", missing_from, %(load_id)s from "vanished"

with

returned as (

    update "bronze"."school_days" as present
    set _missing_since = null
    where present._missing_since is not null and exists (
        select from "typed" as typed where typed.is_accepted and "present"."school_id" = "typed"."school_id" and "present"."calendar_date" = "typed"."calendar_date"
    )
    returning "present"."school_id", "present"."calendar_date"

)

update "bronze"."school_days_presence" as presence
set returned_on = greatest(%(returned_on)s, presence.missing_from), returned_load_id = %(load_id)s
from returned
where "presence"."school_id" = "returned"."school_id" and "presence"."calendar_date" = "returned"."calendar_date" and presence.returned_on is null
