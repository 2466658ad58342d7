-- depends_on: {{ ref('retention_quality') }}
-- (first, so that the tests that compare the two run behind this model)

with

active_days as (

    select * from {{ active_periods() }} as periods_to_as_of
    where source = 'all' and period = 'day'

),

-- The days of a streak are as far apart as their places among the user's days.
placed as (

    select
        user_id,
        period_start as calendar_date,
        period_start - row_number() over (partition by user_id order by period_start)::int as streak
    from active_days

),

runs as (

    select
        user_id,
        count(*) as days,
        max(calendar_date) as last_day
    from placed
    group by user_id, streak

),

streaks as (

    select
        user_id,
        coalesce(max(days) filter (where last_day >= {{ as_of() }} - 1), 0) as current_streak_days,
        max(days) as longest_streak_days,
        count(*) as streaks
    from runs
    group by user_id

)

select * from streaks
