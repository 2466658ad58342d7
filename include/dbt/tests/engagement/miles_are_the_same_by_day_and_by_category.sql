-- Months of which the days and the categories say another number of miles earned or redeemed.
with

by_day as (

    select
        date_trunc('month', calendar_date)::date as month_start,
        sum(miles_earned) as earned,
        sum(miles_redeemed) as redeemed
    from {{ ref('miles_analytics') }}
    group by date_trunc('month', calendar_date)

),

by_category as (

    select
        month_start,
        sum(earned) as earned,
        sum(redeemed) as redeemed
    from {{ ref('miles_by_category') }}
    group by month_start

)

select
    coalesce(by_day.month_start, by_category.month_start) as month_start,
    by_day.earned as earned_by_day,
    by_category.earned as earned_by_category,
    by_day.redeemed as redeemed_by_day,
    by_category.redeemed as redeemed_by_category
from by_day
full outer join by_category on by_day.month_start = by_category.month_start
where row(by_day.earned, by_day.redeemed) is distinct from row(by_category.earned, by_category.redeemed)
