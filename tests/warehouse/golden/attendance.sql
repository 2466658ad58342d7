create table if not exists "bronze"."attendance" (
    "attendance_id" text not null,
    "student_id" text not null,
    "attendance_date" date not null,
    "status" text not null,
    "created_at" timestamptz not null,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb
);

create index if not exists "attendance_load_id" on "bronze"."attendance" using brin (_load_id);

alter table "bronze"."attendance" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."attendance" add column _row_hash bytea not null generated always as (
    decode(md5("attendance_id" || '' || "student_id" || '' || encode(date_send("attendance_date"), 'hex') || '' || "status" || '' || encode(timestamptz_send("created_at"), 'hex') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored, add primary key ("attendance_id", "_row_hash");
comment on column "bronze"."attendance"."_row_hash" is 'Equal rows have equal hashes. Expression 7530e05b';

insert into "typed" (_record, _line, _raw, reasons, "attendance_id",
    "student_id",
    "attendance_date",
    "status",
    "created_at",
    "x0")
with

trimmed as (

    select
        _record,
        _line,
        _problem,
        _raw,
        nullif(nullif(btrim("c0", E' \t\r\n'), ''), '\N') as "attendance_id",
        nullif(nullif(btrim("c1", E' \t\r\n'), ''), '\N') as "student_id",
        nullif(nullif(btrim("c2", E' \t\r\n'), ''), '\N') as "attendance_date",
        upper(nullif(nullif(btrim("c3", E' \t\r\n'), ''), '\N')) as "status",
        nullif(nullif(btrim("c4", E' \t\r\n'), ''), '\N') as "created_at",
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
        cells."attendance_id" as "attendance_id as text",
        cells."student_id" as "student_id as text",
        cells."attendance_date" as "attendance_date as text",
        cells."status" as "status as text",
        cells."created_at" as "created_at as text",
        cells."attendance_id" as "attendance_id",
        cells."student_id" as "student_id",
        case when cells."attendance_date" ~  E'^\\d{4}-\\d\\d-\\d\\d$' and pg_input_is_valid(cells."attendance_date", 'date') then cells."attendance_date"::date end as "attendance_date",
        cells."status" as "status",
        case when cells."created_at" ~  E'^\\d{4}-\\d\\d-\\d\\d[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?[0-5]\\d)?)?$' and pg_input_is_valid(cells."created_at", 'timestamptz') then cells."created_at"::timestamptz end as "created_at"
    from trimmed as cells

),

judged as (

    select
        *,
        case
            when _problem is not null then array[_problem]
            else array_remove(array[
                case when "attendance_id as text" is null then 'missing:attendance_id' end,
                case when "student_id as text" is null then 'missing:student_id' end,
                case when "attendance_date as text" is null then 'missing:attendance_date' end,
                case when "attendance_date as text" is not null and "attendance_date" is null then 'bad_type:attendance_date' end,
                case when not ("attendance_date" between '2000-01-01'::date and '2025-03-15'::date) then 'out_of_range:attendance_date' end,
                case when "status as text" is null then 'missing:status' end,
                case when "status" <> all ('{PRESENT,ABSENT,EXCUSED,TARDY,HALF_DAY}') then 'not_allowed:status' end,
                case when "created_at as text" is null then 'missing:created_at' end,
                case when "created_at as text" is not null and "created_at" is null then 'bad_type:created_at' end,
                case when not ("created_at" < '9999-01-01 00:00:00+00'::timestamptz) then 'out_of_range:created_at' end,
                case when greatest(length("attendance_id as text"), length("student_id as text")) > 255 or greatest(octet_length("attendance_id as text"), octet_length("student_id as text"), octet_length("attendance_date as text"), octet_length("status as text"), octet_length("created_at as text"), octet_length("x0")) > 1000 then 'too_long' end
            ]::text[], null)
        end as reasons
    from typed

)

select
    _record,
    _line,
    _raw,
    reasons,
    "attendance_id",
    "student_id",
    "attendance_date",
    "status",
    "created_at",
    "x0"
from judged
order by _record

select
    typed.row_id,
    ("typed"."attendance_id", "typed"."student_id", "typed"."attendance_date", "typed"."status", "typed"."created_at", "typed"."_extra"::text) is not distinct from ("other"."attendance_id", "other"."student_id", "other"."attendance_date", "other"."status", "other"."created_at", "other"."_extra"::text) as is_same,
    "other"."created_at" is not distinct from "typed"."created_at" as is_tied
from (
    select ctid as row_id, * from "typed" where is_accepted order by "attendance_id" offset 0
) as typed
cross join lateral (
    select * from "bronze"."attendance" as other where "other"."attendance_id" = "typed"."attendance_id" offset 0
) as other

insert into "bronze"."attendance" ("attendance_id", "student_id", "attendance_date", "status", "created_at", _load_id, _ingested_at, _source_file, _source_line, _extra)
select "attendance_id", "student_id", "attendance_date", "status", "created_at", %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from "typed"
where is_accepted and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid)
order by "attendance_id", _line
on conflict do nothing

select count(*) from (
    select distinct key, row_hash from (
select typed.key, decode(md5("typed"."attendance_id" || '' || "typed"."student_id" || '' || encode(date_send("typed"."attendance_date"), 'hex') || '' || "typed"."status" || '' || encode(timestamptz_send("typed"."created_at"), 'hex') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as row_hash
    from "typed" as typed
    where typed.ctid in (select row_id from "known" where is_tied and not is_same) and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid)
union all
    select unnest(array_agg(key)), unnest(array_agg(row_hash))
    from (
        select "key", "created_at", decode(md5("typed"."attendance_id" || '' || "typed"."student_id" || '' || encode(date_send("typed"."attendance_date"), 'hex') || '' || "typed"."status" || '' || encode(timestamptz_send("typed"."created_at"), 'hex') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as row_hash
        from "typed" as typed
        where typed.is_accepted and not exists (select from "known" as known where known.is_same and known.row_id = "typed".ctid) and typed.key in (
            select key from "typed" where is_accepted group by key having count(*) > 1
        )
    ) as rows
    group by "key", "created_at"
    having count(distinct row_hash) > 1) as tied
) as versions
