-- Days of a school that are not there.
with

schools as (

    select * from {{ ref('dim_schools') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

school_days as (

    select * from {{ ref('dim_school_days') }}

)

select 1
from schools
cross join dates
left join school_days
    on
        schools.school_id = school_days.school_id
        and dates.calendar_date = school_days.calendar_date
where school_days.school_id is null
