with

active_days as (

    select * from {{ active_periods() }} as periods_to_as_of
    where source = 'all' and period = 'day'

),

first_days as (

    select
        user_id,
        period_start as first_active_date
    from active_days
    where previous_period_start is null

),

user_days as (

    select
        active_days.period_start as calendar_date,
        active_days.period_start - active_days.previous_period_start as days_away,
        active_days.period_start - first_days.first_active_date as age
    from active_days
    inner join first_days on active_days.user_id = first_days.user_id

),

spine as (

    select generate_series(min(calendar_date), {{ as_of() }}, '1 day')::date as calendar_date
    from user_days

),

counted as (

    select
        spine.calendar_date,
        count(user_days.calendar_date) as dau,
        count(*) filter (where user_days.days_away = 1) as consecutive_day_users,
        count(*) filter (where user_days.days_away between 2 and 7) as returning_week_users,
        count(*) filter (where user_days.days_away > 7) as returning_long_gap_users,
        -- Known by the age, so that days_away is proved by it.
        count(*) filter (where user_days.age = 0) as new_users,
        count(*) filter (where user_days.age <= 7) as age_new_users,
        count(*) filter (where user_days.age between 8 and 30) as age_growing_users,
        count(*) filter (where user_days.age between 31 and 90) as age_established_users,
        count(*) filter (where user_days.age > 90) as age_mature_users
    from spine
    left join user_days on spine.calendar_date = user_days.calendar_date
    group by spine.calendar_date

),

shares as (

    select
        *,
        consecutive_day_users::numeric / nullif(dau, 0) as consecutive_share
    from counted

),

quality as (

    select
        calendar_date,
        dau,
        consecutive_day_users,
        returning_week_users,
        returning_long_gap_users,
        new_users,
        age_new_users,
        age_growing_users,
        age_established_users,
        age_mature_users,
        round(
            (3 * consecutive_day_users + 2 * returning_week_users + returning_long_gap_users) * 100::numeric
            / nullif(3 * dau, 0),
            1
        ) as retention_health_score,
        {{ graded(
            'consecutive_share',
            [(0.8, 'Excellent'), (0.6, 'Good'), (0.4, 'Average'), (0.2, 'Below Average')],
            'Poor'
        ) }} as health_category,
        case
            when consecutive_share > 0.7 then 'High'
            when consecutive_share > 0.4 then 'Moderate'
            when consecutive_share is not null then 'Low'
        end as engagement_trend
    from shares

)

select * from quality
