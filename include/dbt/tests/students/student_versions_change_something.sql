-- Versions that hold the same as the version before, which ends where they begin.
with

versions as (

    select
        valid_from,
        row(
            student_name, school_id, class_id, grade_level, enrollment_status, ethnicity, special_education
        ) as attributes,
        lag(valid_to) over by_student as previous_valid_to,
        lag(row(
            student_name, school_id, class_id, grade_level, enrollment_status, ethnicity, special_education
        )) over by_student as previous_attributes
    from {{ ref('dim_student_versions') }}
    window by_student as (partition by student_id order by valid_from)

)

select 1
from versions
where valid_from = previous_valid_to and attributes is not distinct from previous_attributes
