{{ config(pre_hook="{{ touch_attendance_days() }}") }}

with

attendance as (

    select * from {{ bronze('attendance') }} as attendance
    {{ where_touched(['attendance_id'], among='touched_ids') }}

),

codes as (

    select * from {{ ref('attendance_codes') }}

),

students as (

    select * from {{ ref('dim_students') }}

),

versions as (

    select * from {{ ref('dim_student_versions') }}

),

gaps as (

    select * from {{ ref('roster_gaps') }}

),

newest_versions as (

    select distinct on (attendance_id) *
    from attendance
    order by attendance_id, {{ newest_first('created_at') }}

),

ranked as (

    select
        newest_versions.*,
        codes.is_present,
        codes.day_fraction_absent,
        codes.is_excused,
        row_number() over student_day as rank_of_day,
        array_agg(newest_versions.attendance_id) over (
            student_day rows between unbounded preceding and unbounded following
        ) as ids_of_day
    from newest_versions
    left join codes
        on newest_versions.status = codes.code
    window student_day as (
        partition by newest_versions.student_id, newest_versions.attendance_date
        order by
            newest_versions.created_at desc,
            codes.is_present desc nulls last,
            newest_versions.attendance_id collate "C"
    )

),

as_of_their_date as (

    select
        standing.attendance_id,
        standing.student_id,
        standing.attendance_date,

        versions.school_id,
        versions.class_id,
        versions.grade_level,
        {{ enrollment_status_as_of('standing.attendance_date') }} as enrollment_status,

        standing.status,
        standing.is_present,
        standing.day_fraction_absent,
        standing.is_excused,
        students.student_id is null as is_orphan,
        cardinality(standing.ids_of_day)::bigint - 1 as conflict_count,

        standing.created_at,
        standing._load_id,
        to_jsonb(array_remove(standing.ids_of_day, standing.attendance_id)) as _other_ids

    from ranked as standing
    {{ join_student_as_of('standing', 'attendance_date') }}
    where standing.rank_of_day = 1

)

select * from as_of_their_date
