-- Students with another number of current versions than one when present, none when missing.
with

versions as (

    select * from {{ ref('dim_student_versions') }}

),

missing as (

    select distinct student_id
    from {{ student_gaps() }}
    where returned_on is null

)

select 1
from versions
left join missing
    on versions.student_id = missing.student_id
group by versions.student_id, missing.student_id
having count(*) filter (where versions.is_current) <> case when missing.student_id is null then 1 else 0 end
