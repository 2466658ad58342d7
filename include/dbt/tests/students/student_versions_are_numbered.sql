-- Versions of which the number is not their place among the versions of the student.
with

versions as (

    select
        version_number,
        row_number() over (partition by student_id order by valid_from) as place
    from {{ ref('dim_student_versions') }}

)

select 1
from versions
where version_number <> place
