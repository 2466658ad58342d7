with

students as (

    select distinct on (student_id)
        student_id,
        school_id,
        coalesce(ethnicity, 'unknown') as ethnicity
    from {{ ref('dim_student_versions') }}
    where valid_from <= {{ as_of() }}
    order by student_id asc, valid_from desc

),

schools as (

    select
        school_id,
        coalesce(poverty_level, 'unknown') as poverty_level
    from {{ ref('dim_schools') }}

),

attendance as (

    select * from {{ ref('student_attendance_status') }}

),

units as (

    select
        user_id,
        {{ school_year('calendar_date') }} as school_year,
        count(distinct unit_id) as units_attempted,
        count(distinct unit_id) filter (where is_mastered) as units_mastered
    from {{ ref('fact_learning_progress') }}
    where calendar_date <= {{ as_of() }}
    group by user_id, {{ school_year('calendar_date') }}

),

student_years as (

    select
        coalesce(attendance.student_id, units.user_id) as student_id,
        coalesce(attendance.school_year, units.school_year) as school_year,
        attendance.days_recorded,
        attendance.days_absent,
        units.units_attempted,
        units.units_mastered
    from attendance
    full outer join units
        on attendance.student_id = units.user_id and attendance.school_year = units.school_year

),

counted as (

    select
        student_years.school_year,
        schools.poverty_level,
        students.ethnicity,
        count(*) as students,
        {{ rate('sum(student_years.units_mastered)', 'sum(student_years.units_attempted)') }} as avg_mastery_rate,
        {{ rate('sum(student_years.days_recorded - student_years.days_absent)', 'sum(student_years.days_recorded)') }}
            as attendance_rate
    from student_years
    inner join students on student_years.student_id = students.student_id
    inner join schools on students.school_id = schools.school_id
    group by student_years.school_year, schools.poverty_level, students.ethnicity

),

judged as (

    select * from {{ with_suppressed('counted') }} as groups

),

equity as (

    select
        school_year,
        poverty_level,
        ethnicity,
        case when not is_suppressed then students end as students,
        case when not is_suppressed then avg_mastery_rate end as avg_mastery_rate,
        case when not is_suppressed then attendance_rate end as attendance_rate,
        is_suppressed
    from judged

)

select * from equity
