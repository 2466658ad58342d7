-- Students with another number of current versions than one when present, none when missing.
with

students as (

    select distinct student_id
    from {{ bronze('students_history') }}

),

versions as (

    select * from {{ ref('dim_student_versions') }}
    where is_current

),

missing as (

    select distinct student_id
    from {{ ref('roster_gaps') }}
    where returned_on is null

)

select 1
from students
left join versions
    on students.student_id = versions.student_id
left join missing
    on students.student_id = missing.student_id
group by students.student_id, missing.student_id
having count(versions.student_id) <> case when missing.student_id is null then 1 else 0 end
