-- Versions that begin on a day on which the student neither had a new row nor returned to the roster.
with

versions as (

    select * from {{ ref('dim_student_versions') }}

),

history as (

    select
        student_id,
        {{ local_date('updated_at') }} as updated_on
    from {{ bronze('students_history') }}

),

gaps as (

    select * from {{ ref('roster_gaps') }}

),

reasons as (

    select
        student_id,
        updated_on as valid_from
    from history

    union all

    select
        student_id,
        returned_on as valid_from
    from gaps

)

select 1
from versions
left join reasons
    on versions.student_id = reasons.student_id and versions.valid_from = reasons.valid_from
where reasons.student_id is null
