-- A row when the school of students without one is not there.
with

unknown as (

    select * from {{ ref('dim_schools') }}
    where school_id = 'UNKNOWN'

)

select 1
where not exists (select from unknown)
