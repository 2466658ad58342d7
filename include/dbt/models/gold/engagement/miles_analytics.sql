with

transactions as (

    select * from {{ ref('miles_days') }}
    where calendar_date <= {{ as_of() }}

),

by_date as (

    select
        calendar_date,
        sum(points_earned) as miles_earned,
        sum(points_redeemed) as miles_redeemed,
        sum(transactions)::bigint as transactions,
        count(distinct user_id) filter (where points_earned > 0) as users_earning,
        count(distinct user_id) filter (where points_redeemed > 0) as users_redeeming
    from transactions
    group by calendar_date

),

spine as (

    select generate_series(min(calendar_date), {{ as_of() }}, '1 day')::date as calendar_date
    from by_date

),

days as (

    select
        spine.calendar_date,
        coalesce(by_date.miles_earned, 0) as miles_earned,
        coalesce(by_date.miles_redeemed, 0) as miles_redeemed,
        coalesce(by_date.transactions, 0) as transactions,
        coalesce(by_date.users_earning, 0) as users_earning,
        coalesce(by_date.users_redeeming, 0) as users_redeeming
    from spine
    left join by_date on spine.calendar_date = by_date.calendar_date

),

analytics as (

    select
        calendar_date,
        miles_earned,
        miles_redeemed,
        miles_earned - miles_redeemed as net_miles,
        transactions,
        users_earning,
        users_redeeming,
        sum(miles_earned - miles_redeemed) over (order by calendar_date) as cumulative_net,
        round(avg(miles_earned) over last_7, 2) as miles_earned_avg_7,
        round(avg(miles_redeemed) over last_7, 2) as miles_redeemed_avg_7,
        round(miles_earned / nullif(miles_redeemed, 0), 4) as earn_redeem_ratio,
        case
            when miles_earned > 1.2 * miles_redeemed then 'Healthy Growth'
            when miles_earned > miles_redeemed then 'Stable'
            when miles_redeemed > 1.2 * miles_earned then 'High Redemption'
            else 'Balanced'
        end as economy_health
    from days
    window last_7 as (order by calendar_date range between interval '6 days' preceding and current row)

)

select * from analytics
