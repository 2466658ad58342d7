with

attendance as (

    select * from {{ ref('fact_attendance') }}
    where class_id is not null and attendance_date <= {{ as_of() }}

),

assessments as (

    select * from {{ ref('fact_assessments') }}
    where class_id is not null and assessment_date <= {{ as_of() }}

),

memberships as (

    select * from {{ student_memberships() }}
    where enrollment_status = 'ACTIVE'

),

records as (

    select
        class_id,
        attendance_date as calendar_date,
        student_id,
        is_present,
        null::numeric as score_percentage
    from attendance

    union all

    select
        class_id,
        assessment_date as calendar_date,
        student_id,
        null as is_present,
        score_percentage
    from assessments

),

class_dates as (

    select distinct
        class_id,
        calendar_date
    from records

),

records_and_members as (

    select * from records

    union all

    select
        class_dates.class_id,
        class_dates.calendar_date,
        memberships.student_id,
        null as is_present,
        null as score_percentage
    from class_dates
    inner join memberships
        on
            class_dates.class_id = memberships.class_id
            and class_dates.calendar_date >= memberships.member_from
            and class_dates.calendar_date < memberships.member_until

),

counted as (

    select
        class_id,
        calendar_date,
        count(distinct student_id) as total_students,
        count(is_present) as students_with_attendance,
        count(*) filter (where is_present) as present_count,
        count(*) filter (where not is_present) as absent_count,

        count(distinct student_id) filter (where score_percentage is not null) as students_with_assessment,
        count(score_percentage) as assessment_count,
        round(avg(score_percentage), 2) as avg_score

    from records_and_members
    group by 1, 2

),

class_days as (

    select
        class_id,
        calendar_date,
        total_students,
        students_with_attendance,
        present_count,
        absent_count,
        {{ rate('present_count', 'students_with_attendance') }} as attendance_rate,
        -- Nobody recorded is not nobody present.
        case when students_with_attendance > 0 then {{ rate('present_count', 'total_students') }} end
            as attendance_rate_enrolled,
        {{ rate('students_with_attendance', 'total_students') }} as attendance_coverage,
        students_with_assessment,
        assessment_count,
        avg_score

    from counted

)

select * from class_days
