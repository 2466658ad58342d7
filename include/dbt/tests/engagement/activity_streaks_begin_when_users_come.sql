-- The streaks of all users, and the users on one, if they are others in number than the days say on which users came,
-- and on which they were there.
with

streaks as (

    select
        coalesce(sum(streaks), 0) as streaks,
        count(*) filter (where current_streak_days > 0) as users_on_a_streak
    from {{ ref('activity_streaks') }}

),

arrivals as (

    select coalesce(sum(dau - consecutive_day_users), 0) as arrivals
    from {{ ref('retention_quality') }}

),

users as (

    select count(distinct user_id) as users
    from {{ ref('fact_user_days') }}
    where source = 'all' and active_events > 0 and calendar_date between {{ as_of() }} - 1 and {{ as_of() }}

)

select
    streaks.streaks,
    arrivals.arrivals,
    streaks.users_on_a_streak,
    users.users
from streaks
cross join arrivals
cross join users
where streaks.streaks <> arrivals.arrivals or streaks.users_on_a_streak <> users.users
