with

history as (

    select * from {{ bronze('students_history') }}

),

gaps as (

    select * from {{ ref('roster_gaps') }}

),

newest_versions as (

    select distinct on (student_id) *
    from history
    order by student_id, {{ newest_first('updated_at') }}

),

missing as (

    select
        student_id,
        min(missing_from) as missing_since
    from gaps
    where returned_on is null
    group by student_id

),

students as (

    select
        newest_versions.student_id,
        coalesce(newest_versions.student_name, 'Unknown') as student_name,

        coalesce(newest_versions.school_id, 'UNKNOWN') as school_id,
        newest_versions.class_id,
        newest_versions.grade_level,
        newest_versions.enrollment_status,
        newest_versions.enrollment_status = 'ACTIVE' and missing.student_id is null as is_active,

        newest_versions.ethnicity,
        newest_versions.special_education,

        missing.student_id is not null as is_missing,
        missing.missing_since,
        newest_versions.updated_at

    from newest_versions
    left join missing
        on newest_versions.student_id = missing.student_id

)

select * from students
