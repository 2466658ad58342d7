with

versions as (

    select * from {{ ref('dim_student_versions') }}
    where valid_from <= {{ as_of() }}

),

student_months as (

    select * from {{ student_months_to_as_of() }} as months

),

last_versions as (

    select distinct on (student_id) *
    from versions
    order by student_id asc, valid_from desc

),

recorded as (

    select
        student_id,
        sum(attendance_days)::bigint as total_attendance_days,
        sum(present_days)::bigint as present_days,
        sum(absent_days)::bigint as absent_days,
        min(first_attendance_date) as first_attendance_date,
        max(last_attendance_date) as last_attendance_date,

        sum(assessment_count)::bigint as total_assessments,
        round(sum(score_percentage_sum) / nullif(sum(assessment_count), 0), 2) as avg_score,
        min(min_score_percentage) as min_score_percentage,
        max(max_score_percentage) as max_score_percentage,
        max(last_assessment_date) as last_assessment_date
    from student_months
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

        coalesce(recorded.total_attendance_days, 0) as total_attendance_days,
        coalesce(recorded.present_days, 0) as present_days,
        coalesce(recorded.absent_days, 0) as absent_days,
        {{ rate('recorded.present_days', 'recorded.total_attendance_days') }} as attendance_rate,

        coalesce(recorded.total_assessments, 0) as total_assessments,
        recorded.avg_score,
        recorded.min_score_percentage,
        recorded.max_score_percentage,

        recorded.first_attendance_date,
        recorded.last_attendance_date,
        recorded.last_assessment_date

    from last_versions
    left join recorded
        on last_versions.student_id = recorded.student_id

)

select * from students
