-- Current versions that say something else than dim_students, or of a student who is not there.
-- depends_on: {{ ref('student_memberships') }} (it comes after both, so that the test runs behind it)
with

versions as (

    select * from {{ ref('dim_student_versions') }}
    where is_current

),

students as (

    select * from {{ ref('dim_students') }}

)

select 1
from versions
left join students
    on
        versions.student_id = students.student_id
        and row(
            coalesce(versions.student_name, 'Unknown'),
            versions.school_id,
            versions.class_id,
            versions.grade_level,
            versions.enrollment_status,
            versions.ethnicity,
            versions.special_education
        ) is not distinct from row(
            students.student_name,
            students.school_id,
            students.class_id,
            students.grade_level,
            students.enrollment_status,
            students.ethnicity,
            students.special_education
        )
where students.student_id is null
