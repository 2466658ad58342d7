-- depends_on: {{ ref('retention_quality') }}, {{ ref('growth_accounting') }}
-- (first, so that the tests that compare the two run behind this model)

with

active_days as (

    select * from {{ active_periods() }} as periods_to_as_of
    where source = 'all' and period = 'day'

),

-- Of who was active the day before there was no dormancy.
user_days as (

    select
        period_start as calendar_date,
        nullif(period_start - previous_period_start, 1) as dormancy
    from active_days

),

spine as (

    select generate_series(min(calendar_date), {{ as_of() }}, '1 day')::date as calendar_date
    from user_days

),

counted as (

    select
        spine.calendar_date,
        count(user_days.calendar_date) as dau,
        count(user_days.dormancy) as resurrected_users,
        count(*) filter (where user_days.dormancy between 2 and 7) as short_users,
        count(*) filter (where user_days.dormancy between 8 and 30) as medium_users,
        count(*) filter (where user_days.dormancy between 31 and 90) as long_users,
        count(*) filter (where user_days.dormancy > 90) as very_long_users,
        avg(user_days.dormancy) as avg_dormancy
    from spine
    left join user_days on spine.calendar_date = user_days.calendar_date
    group by spine.calendar_date

),

resurrection as (

    select
        calendar_date,
        dau,
        resurrected_users,
        short_users as short_dormancy_users,
        medium_users as medium_dormancy_users,
        long_users as long_dormancy_users,
        very_long_users as very_long_dormancy_users,
        round(avg_dormancy, 2) as avg_dormancy_days,
        round(
            (short_users + 2 * medium_users + 3 * long_users + 4 * very_long_users) * 100::numeric / nullif(dau, 0), 1
        ) as effectiveness,
        {{ graded(
            'resurrected_users::numeric / nullif(dau, 0)',
            [(0.3, 'Excellent'), (0.2, 'Good'), (0.1, 'Average'), (0.05, 'Below Average')],
            'Poor'
        ) }} as quality,
        case
            when resurrected_users = 0 then 'No Resurrections'
            when short_users > medium_users + long_users then 'Quick Return Focus'
            when long_users + very_long_users > short_users then 'Long-term Recovery'
            else 'Balanced Recovery'
        end as pattern
    from counted

)

select * from resurrection
