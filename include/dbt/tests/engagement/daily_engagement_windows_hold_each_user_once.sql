-- Sources of which the windows that end on as_of hold other users in number than were active on their days.
with

user_days as (

    select * from {{ ref('fact_user_days') }}
    where active_events > 0 and calendar_date between {{ as_of() }} - 29 and {{ as_of() }}

),

counted as (

    select
        source,
        count(distinct user_id) filter (where calendar_date > {{ as_of() }} - 7) as wau_7,
        count(distinct user_id) filter (where calendar_date > {{ as_of() }} - 28) as mau_28,
        count(distinct user_id) as mau_30
    from user_days
    group by source

),

engagement as (

    select * from {{ ref('daily_engagement') }}
    where calendar_date = {{ as_of() }}

)

select
    coalesce(counted.source, engagement.source) as source,
    counted.wau_7 as users_of_7_days,
    counted.mau_28 as users_of_28_days,
    counted.mau_30 as users_of_30_days,
    engagement.wau_7,
    engagement.mau_28,
    engagement.mau_30
from counted
full outer join engagement on counted.source = engagement.source
where
    (coalesce(counted.wau_7, 0), coalesce(counted.mau_28, 0), coalesce(counted.mau_30, 0))
    is distinct from (engagement.wau_7, engagement.mau_28, engagement.mau_30)
