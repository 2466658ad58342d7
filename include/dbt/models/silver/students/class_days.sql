{{ config(pre_hook="{{ touch_class_days() }}") }}

with

attendance as (

    select
        *,
        attendance_date as calendar_date
    from {{ ref('fact_attendance') }}
    {{ where_touched(
        ['attendance_date', 'class_id', 'school_id'], touched=['calendar_date', 'class_id', 'school_id']
    ) }}

),

assessments as (

    select * from {{ ref('fact_assessments') }}
    {{ where_touched(
        ['assessment_date', 'class_id', 'school_id'], touched=['calendar_date', 'class_id', 'school_id']
    ) }}

),

assessments_of_students as (

    select
        school_id,
        class_id,
        assessment_date as calendar_date,
        student_id,
        enrollment_status,
        count(*) as assessment_count,
        sum(score_percentage) as score_percentage_sum
    from assessments
    group by 1, 2, 3, 4, 5

),

student_days as (

    select
        coalesce(attendance.school_id, assessments_of_students.school_id) as school_id,
        coalesce(attendance.class_id, assessments_of_students.class_id) as class_id,
        coalesce(attendance.calendar_date, assessments_of_students.calendar_date) as calendar_date,
        coalesce(attendance.enrollment_status, assessments_of_students.enrollment_status) as enrollment_status,
        attendance.is_present,
        attendance.day_fraction_absent,
        assessments_of_students.assessment_count,
        assessments_of_students.score_percentage_sum
    from attendance
    full outer join assessments_of_students
        on
            attendance.student_id = assessments_of_students.student_id
            and attendance.calendar_date = assessments_of_students.calendar_date
            and attendance.class_id = assessments_of_students.class_id
            and attendance.school_id = assessments_of_students.school_id

),

class_days as (

    select
        school_id,
        class_id,
        calendar_date,

        count(is_present) as students_with_attendance,
        count(*) filter (where is_present) as present_count,
        count(*) filter (where not is_present) as absent_count,
        coalesce(sum(day_fraction_absent), 0) as days_absent,

        count(assessment_count) as students_with_assessment,
        coalesce(sum(assessment_count), 0)::bigint as assessment_count,
        coalesce(sum(score_percentage_sum), 0) as score_percentage_sum,

        count(*) filter (where enrollment_status is distinct from 'ACTIVE') as guest_count

    from student_days
    where class_id is not null
    group by 1, 2, 3

)

select * from class_days
