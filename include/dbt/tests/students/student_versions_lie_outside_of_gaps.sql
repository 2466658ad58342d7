-- Versions that hold on a day on which the student was missing from the roster.
with

versions as (

    select * from {{ ref('dim_student_versions') }}

),

gaps as (

    select * from {{ ref('roster_gaps') }}

)

select 1
from versions
inner join gaps
    on
        versions.student_id = gaps.student_id
        and versions.valid_to > gaps.missing_from
        and (gaps.returned_on is null or versions.valid_from < gaps.returned_on)
