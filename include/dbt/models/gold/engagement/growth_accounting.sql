with

periods as (

    select * from {{ active_periods() }} as periods_to_as_of

),

counted as (

    select
        source,
        period,
        period_start,
        count(*) as active_users,
        count(*) filter (where previous_period_start is null) as new_users,
        count(*) filter (where previous_period_start = period_before) as retained_users,
        count(*) filter (where previous_period_start < period_before) as resurrected_users,
        -- Those of them who were not active in the period after this one; counted for themselves, so that they prove
        -- retained_users.
        count(*) filter (where coalesce(next_active_date >= period_after_next, true)) as lost_users
    from periods
    group by source, period, period_start

),

spine as (

    select
        source,
        period,
        generate_series(min(period_start), date_trunc(period, {{ as_of() }}), ('1 ' || period)::interval)::date
            as period_start
    from counted
    group by source, period

),

accounts as (

    select
        spine.source,
        spine.period,
        spine.period_start,
        (spine.period_start + ('1 ' || spine.period)::interval)::date - 1 as period_end,
        coalesce(counted.active_users, 0) as active_users,
        coalesce(lag(counted.active_users) over previous_periods, 0) as previous_active_users,
        coalesce(counted.new_users, 0) as new_users,
        coalesce(counted.retained_users, 0) as retained_users,
        coalesce(counted.resurrected_users, 0) as resurrected_users,
        coalesce(lag(counted.lost_users) over previous_periods, 0) as churned_users
    from spine
    left join counted
        on
            spine.source = counted.source
            and spine.period = counted.period
            and spine.period_start = counted.period_start
    window previous_periods as (partition by spine.source, spine.period order by spine.period_start)

),

growth as (

    select
        source,
        period,
        period_start,
        period_end,
        period_end <= {{ as_of() }} as is_complete,
        active_users,
        previous_active_users,
        new_users,
        retained_users,
        resurrected_users,
        churned_users,
        {{ rate('(new_users + resurrected_users)', 'churned_users') }} as quick_ratio,
        {{ rate('retained_users', 'previous_active_users') }} as gross_retention_rate,
        {{ rate('churned_users', 'previous_active_users') }} as churn_rate,
        case
            when churned_users = 0 then 'Unknown'
            when new_users + resurrected_users < churned_users then 'Declining'
            when new_users + resurrected_users < 1.5 * churned_users then 'Typical Consumer'
            when new_users + resurrected_users < 2 * churned_users then 'Good Consumer'
            else 'Excellent Consumer'
        end as growth_quality
    from accounts

)

select * from growth
