with

days as (

    select * from {{ active_periods() }} as periods_to_as_of
    where source = 'all' and period = 'day'

),

first_days as (

    select
        user_id,
        period_start as day_0,
        next_active_date as second_day
    from days
    where previous_period_start is null

),

last_days as (

    select
        user_id,
        period_start as last_day
    from days
    where next_active_date is null

),

eligible as (

    select
        date_trunc('month', first_days.day_0)::date as cohort_month,
        milestones.n,
        first_days.user_id,
        on_day_n.user_id is not null as is_classic,
        last_days.last_day >= first_days.day_0 + milestones.n as is_rolling,
        coalesce(first_days.second_day <= first_days.day_0 + milestones.n, false) as is_cumulative
    from first_days
    cross join (values (1), (7), (30), (90)) as milestones (n)
    inner join last_days on first_days.user_id = last_days.user_id
    left join days as on_day_n
        on first_days.user_id = on_day_n.user_id and first_days.day_0 + milestones.n = on_day_n.period_start
    where first_days.day_0 + milestones.n <= {{ as_of() }}

),

spine as (

    select distinct
        date_trunc('month', first_days.day_0)::date as cohort_month,
        milestones.n
    from first_days
    cross join (values (1), (7), (30), (90)) as milestones (n)

),

counted as (

    select
        spine.cohort_month,
        spine.n,
        count(eligible.user_id) as eligible_users,
        count(*) filter (where eligible.is_classic) as classic_users,
        count(*) filter (where eligible.is_rolling) as rolling_users,
        count(*) filter (where eligible.is_cumulative) as cumulative_users
    from spine
    left join eligible on spine.cohort_month = eligible.cohort_month and spine.n = eligible.n
    group by grouping sets ((spine.cohort_month, spine.n), (spine.n))

),

retention as (

    select
        coalesce(to_char(cohort_month, 'YYYY-MM'), 'overall') as cohort,
        cohort_month,
        n::bigint as n,
        eligible_users,
        classic_users,
        rolling_users,
        cumulative_users,
        {{ rate('classic_users', 'eligible_users') }} as classic_rate,
        {{ rate('rolling_users', 'eligible_users') }} as rolling_rate,
        {{ rate('cumulative_users', 'eligible_users') }} as cumulative_rate
    from counted

)

select * from retention
