with

versions as (

    select * from {{ ref('dim_student_versions') }}
    where {{ valid_on(as_of()) }}

),

attendance as (

    select * from {{ ref('fact_attendance') }}
    where class_id is not null and attendance_date <= {{ as_of() }}

),

assessments as (

    select * from {{ ref('fact_assessments') }}
    where class_id is not null and assessment_date <= {{ as_of() }}

),

members_by_class as (

    select
        class_id,
        count(*) as total_students,
        count(*) filter (where enrollment_status = 'ACTIVE') as active_students
    from versions
    group by class_id

),

attendance_by_class as (

    select
        class_id,
        count(*) as attendance_count,
        count(*) filter (where is_present) as present_count
    from attendance
    group by class_id

),

assessments_by_class as (

    select
        class_id,
        round(avg(score_percentage), 2) as avg_score,
        count(*) as assessment_count
    from assessments
    group by class_id

),

classes as (

    select
        coalesce(members_by_class.class_id, attendance_by_class.class_id, assessments_by_class.class_id) as class_id,

        coalesce(members_by_class.total_students, 0) as total_students,
        coalesce(members_by_class.active_students, 0) as active_students,

        {{ rate('attendance_by_class.present_count', 'attendance_by_class.attendance_count') }} as attendance_rate,
        assessments_by_class.avg_score,
        coalesce(assessments_by_class.assessment_count, 0) as assessment_count

    from members_by_class
    full outer join attendance_by_class
        on members_by_class.class_id = attendance_by_class.class_id
    full outer join assessments_by_class
        on coalesce(members_by_class.class_id, attendance_by_class.class_id) = assessments_by_class.class_id

)

select * from classes
