-- Days that do not follow the day before, or whose balance is not that of the evening before and what the day brought.
with

days as (

    select
        calendar_date,
        net_miles,
        cumulative_net,
        lag(calendar_date) over (order by calendar_date) as day_before,
        lag(cumulative_net, 1, 0.0) over (order by calendar_date) as balance_before
    from {{ ref('miles_analytics') }}

)

select
    calendar_date,
    day_before,
    balance_before,
    net_miles,
    cumulative_net
from days
where calendar_date <> day_before + 1 or cumulative_net <> balance_before + net_miles
