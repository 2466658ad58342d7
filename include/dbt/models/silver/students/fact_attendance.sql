with

attendance as (

    select * from {{ bronze('attendance') }}

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

    select * from {{ student_gaps() }}

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
        count(*) over student_day - 1 as conflict_count,
        row_number() over (
            student_day
            order by
                newest_versions.created_at desc,
                codes.is_present desc nulls last,
                newest_versions.attendance_id collate "C"
        ) as rank_of_day
    from newest_versions
    left join codes
        on newest_versions.status = codes.code
    window student_day as (partition by newest_versions.student_id, newest_versions.attendance_date)

),

standing as (

    select * from ranked
    where rank_of_day = 1

),

as_of_their_date as (

    select
        standing.attendance_id,
        standing.student_id,
        standing.attendance_date,

        versions.school_id,
        versions.class_id,
        versions.grade_level,

        standing.status,
        standing.is_present,
        standing.day_fraction_absent,
        standing.is_excused,
        students.student_id is null as is_orphan,
        standing.conflict_count,

        standing.created_at,
        standing._load_id

    from standing
    {{ join_student_as_of('standing', 'attendance_date') }}

)

select * from as_of_their_date
