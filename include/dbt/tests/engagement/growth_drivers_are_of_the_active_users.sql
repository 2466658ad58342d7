-- Days on which growth_drivers and daily_engagement have another number of active users.
with

drivers as (

    select * from {{ ref('growth_drivers') }}

),

engagement as (

    select * from {{ ref('daily_engagement') }}
    where source = 'all'

)

select
    coalesce(drivers.calendar_date, engagement.calendar_date) as calendar_date,
    drivers.dau,
    engagement.dau as dau_of_daily_engagement
from drivers
full outer join engagement on drivers.calendar_date = engagement.calendar_date
where coalesce(drivers.dau, 0) <> coalesce(engagement.dau, 0)
