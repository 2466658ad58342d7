with

recorded as (

    select
        class_id,
        calendar_date,
        sum(students_with_attendance)::bigint as students_with_attendance,
        sum(present_count)::bigint as present_count,
        sum(absent_count)::bigint as absent_count,
        sum(students_with_assessment)::bigint as students_with_assessment,
        sum(assessment_count)::bigint as assessment_count,
        sum(score_percentage_sum) as score_percentage_sum,
        sum(guest_count)::bigint as guest_count
    from {{ ref('class_days') }}
    where calendar_date <= {{ as_of() }}
    group by 1, 2

),

memberships as (

    select * from {{ ref('student_memberships') }}
    where enrollment_status = 'ACTIVE'

),

arrivals_and_departures as (

    select
        class_id,
        member_from as calendar_date,
        1 as change
    from memberships

    union all

    select
        class_id,
        member_until as calendar_date,
        -1 as change
    from memberships

    union all

    select
        class_id,
        calendar_date,
        0 as change
    from recorded

),

members as (

    select
        class_id,
        calendar_date,
        sum(sum(change)) over (partition by class_id order by calendar_date) as active_students
    from arrivals_and_departures
    group by 1, 2

),

counted as (

    select
        recorded.*,
        (members.active_students + recorded.guest_count)::bigint as total_students
    from recorded
    inner join members
        on
            recorded.class_id = members.class_id
            and recorded.calendar_date = members.calendar_date

),

rated as (

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
        round(score_percentage_sum / nullif(assessment_count, 0), 2) as avg_score

    from counted

)

select * from rated
