create table if not exists "bronze"."students" (
    "student_id" text not null,
    "student_name" text,
    "class_id" text not null,
    "grade_level" bigint not null,
    "enrollment_status" text not null,
    "updated_at" timestamptz not null,
    "school_id" text,
    "ethnicity" text,
    "special_education" boolean,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb,
    _missing_since date,
    primary key ("student_id")
);

alter table "bronze"."students" add column if not exists "student_name" text;

alter table "bronze"."students" add column if not exists "school_id" text;

alter table "bronze"."students" add column if not exists "ethnicity" text;

alter table "bronze"."students" add column if not exists "special_education" boolean;

create index if not exists "students_load_id" on "bronze"."students" using brin (_load_id);

alter table "bronze"."students" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."students" add column _row_hash bytea not null generated always as (
    decode(md5("student_id" || '' || "class_id" || '' || "grade_level"::text || '' || "enrollment_status" || '' || encode(timestamptz_send("updated_at"), 'hex') || coalesce('student_name=' || "student_name", '') || coalesce('school_id=' || "school_id", '') || coalesce('ethnicity=' || "ethnicity", '') || coalesce('special_education=' || "special_education"::text, '') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored;
comment on column "bronze"."students"."_row_hash" is 'Equal rows have equal hashes. Expression af190409';

create table if not exists "bronze"."students_history" (
    "student_id" text not null,
    "student_name" text,
    "class_id" text not null,
    "grade_level" bigint not null,
    "enrollment_status" text not null,
    "updated_at" timestamptz not null,
    "school_id" text,
    "ethnicity" text,
    "special_education" boolean,
    _load_id bigint not null,
    _ingested_at timestamptz not null default now(),
    _source_file text not null,
    _source_line bigint not null,
    _extra jsonb
);

alter table "bronze"."students_history" add column if not exists "student_name" text;

alter table "bronze"."students_history" add column if not exists "school_id" text;

alter table "bronze"."students_history" add column if not exists "ethnicity" text;

alter table "bronze"."students_history" add column if not exists "special_education" boolean;

create index if not exists "students_history_load_id" on "bronze"."students_history" using brin (_load_id);

alter table "bronze"."students_history" drop column if exists _row_hash, alter column _ingested_at set default now();
alter table "bronze"."students_history" add column _row_hash bytea not null generated always as (
    decode(md5("student_id" || '' || "class_id" || '' || "grade_level"::text || '' || "enrollment_status" || '' || encode(timestamptz_send("updated_at"), 'hex') || coalesce('student_name=' || "student_name", '') || coalesce('school_id=' || "school_id", '') || coalesce('ethnicity=' || "ethnicity", '') || coalesce('special_education=' || "special_education"::text, '') || coalesce('' || ("_extra")::text, '')), 'hex')
) stored, add primary key ("student_id", "_row_hash");
comment on column "bronze"."students_history"."_row_hash" is 'Equal rows have equal hashes. Expression af190409';

create table if not exists "bronze"."students_presence" (
    "student_id" text not null,
    missing_from date not null,
    returned_on date,
    missing_load_id bigint not null,
    returned_load_id bigint,
    primary key ("student_id", missing_load_id)
);

insert into "typed" (_record, _line, _raw, reasons, "student_id",
    "student_name",
    "class_id",
    "grade_level",
    "enrollment_status",
    "updated_at",
    "school_id",
    "ethnicity",
    "special_education",
    "x0")
with

trimmed as (

    select
        _record,
        _line,
        _problem,
        _raw,
        nullif(nullif(btrim("c0", E' \t\r\n'), ''), '\N') as "student_id",
        nullif(nullif(btrim("c1", E' \t\r\n'), ''), '\N') as "student_name",
        nullif(nullif(btrim("c2", E' \t\r\n'), ''), '\N') as "class_id",
        nullif(nullif(btrim("c3", E' \t\r\n'), ''), '\N') as "grade_level",
        upper(nullif(nullif(btrim("c4", E' \t\r\n'), ''), '\N')) as "enrollment_status",
        nullif(nullif(btrim("c5", E' \t\r\n'), ''), '\N') as "updated_at",
        nullif(nullif(btrim("c6", E' \t\r\n'), ''), '\N') as "school_id",
        nullif(nullif(btrim("c7", E' \t\r\n'), ''), '\N') as "ethnicity",
        nullif(nullif(btrim("c8", E' \t\r\n'), ''), '\N') as "special_education",
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
        cells."student_id" as "student_id as text",
        cells."student_name" as "student_name as text",
        cells."class_id" as "class_id as text",
        cells."grade_level" as "grade_level as text",
        cells."enrollment_status" as "enrollment_status as text",
        cells."updated_at" as "updated_at as text",
        cells."school_id" as "school_id as text",
        cells."ethnicity" as "ethnicity as text",
        cells."special_education" as "special_education as text",
        cells."student_id" as "student_id",
        cells."student_name" as "student_name",
        cells."class_id" as "class_id",
        case when cells."grade_level" ~  E'^[+-]?\\d{1,19}$' and pg_input_is_valid(cells."grade_level", 'bigint') then cells."grade_level"::bigint end as "grade_level",
        cells."enrollment_status" as "enrollment_status",
        case when cells."updated_at" ~  E'^\\d{4}-\\d\\d-\\d\\d[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?[0-5]\\d)?)?$' and pg_input_is_valid(cells."updated_at", 'timestamptz') then cells."updated_at"::timestamptz end as "updated_at",
        cells."school_id" as "school_id",
        cells."ethnicity" as "ethnicity",
        case when lower(cells."special_education") ~ '^(true|false|yes|no|1|0)$' and pg_input_is_valid(lower(cells."special_education"), 'boolean') then lower(cells."special_education")::boolean end as "special_education"
    from trimmed as cells

),

judged as (

    select
        *,
        case
            when _problem is not null then array[_problem]
            else array_remove(array[
                case when "student_id as text" is null then 'missing:student_id' end,
                case when "class_id as text" is null then 'missing:class_id' end,
                case when "grade_level as text" is null then 'missing:grade_level' end,
                case when "grade_level as text" is not null and "grade_level" is null then 'bad_type:grade_level' end,
                case when not ("grade_level" > 0) then 'out_of_range:grade_level' end,
                case when "enrollment_status as text" is null then 'missing:enrollment_status' end,
                case when "updated_at as text" is null then 'missing:updated_at' end,
                case when "updated_at as text" is not null and "updated_at" is null then 'bad_type:updated_at' end,
                case when not ("updated_at" < '9999-01-01 00:00:00+00'::timestamptz) then 'out_of_range:updated_at' end,
                case when "special_education as text" is not null and "special_education" is null then 'bad_type:special_education' end,
                case when greatest(length("student_id as text"), length("class_id as text"), length("school_id as text")) > 255 or greatest(octet_length("student_id as text"), octet_length("student_name as text"), octet_length("class_id as text"), octet_length("grade_level as text"), octet_length("enrollment_status as text"), octet_length("updated_at as text"), octet_length("school_id as text"), octet_length("ethnicity as text"), octet_length("special_education as text"), octet_length("x0")) > 1000 then 'too_long' end
            ]::text[], null)
        end as reasons
    from typed

)

select
    _record,
    _line,
    _raw,
    reasons,
    "student_id",
    "student_name",
    "class_id",
    "grade_level",
    "enrollment_status",
    "updated_at",
    "school_id",
    "ethnicity",
    "special_education",
    "x0"
from judged
order by _record

update "typed" as typed
set reasons = array['conflicting_id_in_file']
from (
    select "student_id", "updated_at"
    from "typed" as typed
    where is_accepted
    group by "student_id", "updated_at"
    having count(distinct decode(md5("typed"."student_id" || '' || "typed"."class_id" || '' || "typed"."grade_level"::text || '' || "typed"."enrollment_status" || '' || encode(timestamptz_send("typed"."updated_at"), 'hex') || coalesce('student_name=' || "typed"."student_name", '') || coalesce('school_id=' || "typed"."school_id", '') || coalesce('ethnicity=' || "typed"."ethnicity", '') || coalesce('special_education=' || "typed"."special_education"::text, '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex')) > 1
) as conflicts
where typed.is_accepted and "typed"."student_id" = "conflicts"."student_id" and typed."updated_at" is not distinct from conflicts."updated_at"

select distinct on ("student_id", _row_hash) *
from (
    select typed.*, decode(md5("typed"."student_id" || '' || "typed"."class_id" || '' || "typed"."grade_level"::text || '' || "typed"."enrollment_status" || '' || encode(timestamptz_send("typed"."updated_at"), 'hex') || coalesce('student_name=' || "typed"."student_name", '') || coalesce('school_id=' || "typed"."school_id", '') || coalesce('ethnicity=' || "typed"."ethnicity", '') || coalesce('special_education=' || "typed"."special_education"::text, '') || coalesce('' || ("typed"."_extra")::text, '')), 'hex') as _row_hash
    from "typed" as typed
    left join "bronze"."students" as present using ("student_id")
    where typed.is_accepted and not coalesce(case when "present"."student_id" is not null then ("typed"."student_id", "typed"."student_name", "typed"."class_id", "typed"."grade_level", "typed"."enrollment_status", "typed"."updated_at", "typed"."school_id", "typed"."ethnicity", "typed"."special_education", "typed"."_extra"::text) is not distinct from ("present"."student_id", "present"."student_name", "present"."class_id", "present"."grade_level", "present"."enrollment_status", "present"."updated_at", "present"."school_id", "present"."ethnicity", "present"."special_education", "present"."_extra"::text) end, false)
) as changed
order by "student_id", _row_hash, _line

select count(*)
from "bronze"."students" as present
where exists (
    select from "typed" as typed
    where typed.is_accepted and "typed"."student_id" = "present"."student_id" and case when "present"."student_id" is not null then ("typed"."student_id", "typed"."student_name", "typed"."class_id", "typed"."grade_level", "typed"."enrollment_status", "typed"."updated_at", "typed"."school_id", "typed"."ethnicity", "typed"."special_education", "typed"."_extra"::text) is not distinct from ("present"."student_id", "present"."student_name", "present"."class_id", "present"."grade_level", "present"."enrollment_status", "present"."updated_at", "present"."school_id", "present"."ethnicity", "present"."special_education", "present"."_extra"::text) end
)

insert into "bronze"."students_history" ("student_id", "student_name", "class_id", "grade_level", "enrollment_status", "updated_at", "school_id", "ethnicity", "special_education", _load_id, _ingested_at, _source_file, _source_line, _extra)
select "student_id", "student_name", "class_id", "grade_level", "enrollment_status", "updated_at", "school_id", "ethnicity", "special_education", %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from "changed"
where is_accepted and true
order by "student_id", _line
on conflict ("student_id", _row_hash) do update set "_load_id" = excluded."_load_id", "_ingested_at" = excluded."_ingested_at", "_source_file" = excluded."_source_file", "_source_line" = excluded."_source_line"
where exists (
    select from "bronze"."students" as present
    where "present"."student_id" = "students_history"."student_id" and present._row_hash <> "students_history"._row_hash
        and present."updated_at" is not distinct from "students_history"."updated_at"
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
    select * from "bronze"."students_history" as history
    where "history"."student_id" = "changed"."student_id"
    order by "updated_at" desc nulls last, _load_id desc, _source_line desc, _row_hash desc
    limit 1
) as newest
left join "bronze"."students" as present on "present"."student_id" = "changed"."student_id"

insert into "bronze"."students" as present ("student_id", "student_name", "class_id", "grade_level", "enrollment_status", "updated_at", "school_id", "ethnicity", "special_education", "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra")
select "student_id", "student_name", "class_id", "grade_level", "enrollment_status", "updated_at", "school_id", "ethnicity", "special_education", "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra" from "outcomes" where _outcome in ('inserted', 'updated')
on conflict ("student_id") do update set "student_id" = excluded."student_id", "student_name" = excluded."student_name", "class_id" = excluded."class_id", "grade_level" = excluded."grade_level", "enrollment_status" = excluded."enrollment_status", "updated_at" = excluded."updated_at", "school_id" = excluded."school_id", "ethnicity" = excluded."ethnicity", "special_education" = excluded."special_education", "_load_id" = excluded."_load_id", "_ingested_at" = excluded."_ingested_at", "_source_file" = excluded."_source_file", "_source_line" = excluded."_source_line", "_extra" = excluded."_extra"

select count(*)
from "changed" as changed
cross join lateral (
    select from "bronze"."students_history" as loaded
    where "loaded"."student_id" = "changed"."student_id" and "loaded"."_row_hash" = "changed"."_row_hash" and loaded._load_id = %(load_id)s
    limit 1
) as loaded
cross join lateral (
    select from "bronze"."students_history" as other
    where "other"."student_id" = "changed"."student_id" and other."updated_at" is not distinct from changed."updated_at"
        and other._row_hash <> changed._row_hash
    limit 1
) as other

select
    "student_id",
    greatest(
        %(missing_from)s::date,
        (select max(earlier.returned_on) from "bronze"."students_presence" as earlier where "earlier"."student_id" = "present"."student_id")
    ) as missing_from
from "bronze"."students" as present
where _missing_since is null and not exists (
    select from (select key from "seen_file") as seen where seen.key = "present"."student_id"
)

with

marked as (

    update "bronze"."students" as present
    set _missing_since = vanished.missing_from
    from "vanished" as vanished
    where "present"."student_id" = "vanished"."student_id"

)

insert into "bronze"."students_presence" ("student_id", missing_from, missing_load_id)
select "student_id", missing_from, %(load_id)s from "vanished"

with

returned as (

    update "bronze"."students" as present
    set _missing_since = null
    where present._missing_since is not null and exists (
        select from "typed" as typed where typed.is_accepted and "present"."student_id" = "typed"."student_id"
    )
    returning "present"."student_id"

)

update "bronze"."students_presence" as presence
set returned_on = greatest(%(returned_on)s, presence.missing_from), returned_load_id = %(load_id)s
from returned
where "presence"."student_id" = "returned"."student_id" and presence.returned_on is null
