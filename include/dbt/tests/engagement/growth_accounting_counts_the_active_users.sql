-- Sources and days, and months, of which the active users of growth_accounting are not those with an active event.
with

user_days as (

    select * from {{ ref('fact_user_days') }}
    where active_events > 0 and calendar_date <= {{ as_of() }}

),

counted as (

    select
        source,
        'day' as period,
        calendar_date as period_start,
        count(*) as active_users
    from user_days
    group by source, calendar_date
    union all
    select
        source,
        'month' as period,
        date_trunc('month', calendar_date)::date as period_start,
        count(distinct user_id) as active_users
    from user_days
    group by source, date_trunc('month', calendar_date)

),

accounts as (

    select * from {{ ref('growth_accounting') }}
    where period <> 'week'

)

select
    coalesce(counted.source, accounts.source) as source,
    coalesce(counted.period, accounts.period) as period,
    coalesce(counted.period_start, accounts.period_start) as period_start,
    counted.active_users as users_with_an_active_event,
    accounts.active_users
from counted
full outer join accounts
    on
        counted.source = accounts.source
        and counted.period = accounts.period
        and counted.period_start = accounts.period_start
where coalesce(counted.active_users, 0) is distinct from accounts.active_users
