with

versions as (

    select * from {{ ref('dim_student_versions') }}
    where valid_from <= {{ as_of() }}

),

attendance as (

    select * from {{ ref('fact_attendance') }}
    where attendance_date <= {{ as_of() }}

),

assessments as (

    select * from {{ ref('fact_assessments') }}
    where assessment_date <= {{ as_of() }}

),

last_versions as (

    select distinct on (student_id) *
    from versions
    order by student_id asc, valid_from desc

),

attendance_by_student as (

    select
        student_id,
        count(*) as total_attendance_days,
        count(*) filter (where is_present) as present_days,
        count(*) filter (where not is_present) as absent_days,
        min(attendance_date) as first_attendance_date,
        max(attendance_date) as last_attendance_date
    from attendance
    group by student_id

),

assessments_by_student as (

    select
        student_id,
        count(*) as total_assessments,
        round(avg(score_percentage), 2) as avg_score,
        min(score_percentage) as min_score_percentage,
        max(score_percentage) as max_score_percentage,
        max(assessment_date) as last_assessment_date
    from assessments
    group by student_id

),

students as (

    select
        last_versions.student_id,
        coalesce(last_versions.student_name, 'Unknown') as student_name,

        last_versions.school_id,
        last_versions.class_id,
        last_versions.grade_level,
        last_versions.enrollment_status,
        last_versions.enrollment_status = 'ACTIVE' and {{ as_of() }} < last_versions.valid_to as is_active,

        coalesce(attendance_by_student.total_attendance_days, 0) as total_attendance_days,
        coalesce(attendance_by_student.present_days, 0) as present_days,
        coalesce(attendance_by_student.absent_days, 0) as absent_days,
        {{ rate('attendance_by_student.present_days', 'attendance_by_student.total_attendance_days') }}
            as attendance_rate,

        coalesce(assessments_by_student.total_assessments, 0) as total_assessments,
        assessments_by_student.avg_score,
        assessments_by_student.min_score_percentage,
        assessments_by_student.max_score_percentage,

        attendance_by_student.first_attendance_date,
        attendance_by_student.last_attendance_date,
        assessments_by_student.last_assessment_date

    from last_versions
    left join attendance_by_student
        on last_versions.student_id = attendance_by_student.student_id
    left join assessments_by_student
        on last_versions.student_id = assessments_by_student.student_id

)

select * from students
