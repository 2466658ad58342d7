with

months as (

    select * from {{ ref('growth_accounting') }}
    where source = 'all' and period = 'month' and is_complete

),

ratios as (

    select
        period_start as month_start,
        active_users,
        previous_active_users,
        new_users,
        resurrected_users,
        churned_users,
        new_users + resurrected_users as gained_users,
        (new_users + resurrected_users)::numeric / nullif(churned_users, 0) as quick_ratio,
        retained_users::numeric / nullif(previous_active_users, 0) as gross_retention_rate,
        row_number() over (order by period_start) - 1 as months_since_first
    from months

),

compared as (

    select
        *,
        lag(gained_users) over in_order as previous_gained_users,
        lag(churned_users) over in_order as previous_churned_users,
        lag(quick_ratio) over in_order as previous_quick_ratio,
        avg(quick_ratio) over last_three as avg_of_three,
        count(quick_ratio) over last_three as ratios_of_three
    from ratios
    window
        in_order as (order by month_start),
        last_three as (order by month_start rows between 2 preceding and current row)

),

judged as (

    select
        month_start,
        active_users,
        new_users,
        resurrected_users,
        churned_users,
        round(quick_ratio, 4) as quick_ratio,
        round(gross_retention_rate, 4) as gross_retention_rate,
        round(previous_quick_ratio, 4) as previous_quick_ratio,
        case when ratios_of_three = 3 then round(avg_of_three, 4) end as quick_ratio_3mo_avg,
        round(quick_ratio - previous_quick_ratio, 4) as quick_ratio_change,
        {{ alert_level() }} as alert_level,
        case
            when quick_ratio < 0.5 then 0
            when quick_ratio >= 2 then 100
            else round(50 * quick_ratio)
        end as growth_quality_score,
        {{ graded(
            'gross_retention_rate',
            [(0.8, 'Excellent'), (0.6, 'Good'), (0.4, 'Average'), (0.2, 'Below Average')],
            'Poor'
        ) }} as retention_benchmark,
        {{ graded(
            'quick_ratio',
            [(2, 'Top Tier'), (1.5, 'Strong'), (1, 'Healthy'), (0.8, 'Concerning')],
            'Critical'
        ) }} as quick_ratio_benchmark,
        case
            when months_since_first < 6 then 'Early'
            when months_since_first <= 24 then 'Growth'
            else 'Mature'
        end as business_stage,
        {{ strategic_recommendation() }} as strategic_recommendation,
        {{ percentage('new_users', 'active_users') }} as new_user_ratio_pct,
        {{ percentage('resurrected_users', 'active_users') }} as resurrection_ratio_pct,
        {{ percentage('churned_users', 'previous_active_users') }} as churn_impact_pct
    from compared

)

select * from judged
