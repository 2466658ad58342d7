with

memberships as (

    select * from {{ ref('student_memberships') }}
    where member_from <= {{ as_of() }} and member_until > {{ as_of() }}

),

statuses as (

    select * from {{ ref('student_attendance_status') }}
    where school_year = {{ school_year(as_of()) }}

),

class_days as (

    select * from {{ ref('class_days') }}
    where calendar_date <= {{ as_of() }}

),

members_by_class as (

    select
        memberships.class_id,
        count(*) as total_students,
        count(*) filter (where memberships.enrollment_status = 'ACTIVE') as active_students,
        -- A sum, for it is NULL when nobody could be judged.
        sum(statuses.is_chronically_absent::int) as chronically_absent_students
    from memberships
    left join statuses
        on memberships.student_id = statuses.student_id
    group by memberships.class_id

),

records_by_class as (

    select
        class_id,
        sum(students_with_attendance) as attendance_count,
        sum(present_count) as present_count,
        sum(score_percentage_sum) as score_percentage_sum,
        sum(assessment_count)::bigint as assessment_count
    from class_days
    group by class_id

),

classes as (

    select
        coalesce(members_by_class.class_id, records_by_class.class_id) as class_id,

        coalesce(members_by_class.total_students, 0) as total_students,
        coalesce(members_by_class.active_students, 0) as active_students,
        members_by_class.chronically_absent_students,

        {{ rate('records_by_class.present_count', 'records_by_class.attendance_count') }} as attendance_rate,
        round(records_by_class.score_percentage_sum / nullif(records_by_class.assessment_count, 0), 2) as avg_score,
        coalesce(records_by_class.assessment_count, 0) as assessment_count

    from members_by_class
    full outer join records_by_class
        on members_by_class.class_id = records_by_class.class_id

)

select * from classes
