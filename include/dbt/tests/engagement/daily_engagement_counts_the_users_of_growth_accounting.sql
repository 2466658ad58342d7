-- Sources and days of which dau is not the active users, or that only one of the two tables has.
with

engagement as (

    select * from {{ ref('daily_engagement') }}

),

accounts as (

    select
        source,
        period_start as calendar_date,
        active_users
    from {{ ref('growth_accounting') }}
    where period = 'day'

)

select
    coalesce(engagement.source, accounts.source) as source,
    coalesce(engagement.calendar_date, accounts.calendar_date) as calendar_date,
    engagement.dau,
    accounts.active_users
from engagement
full outer join accounts
    on engagement.source = accounts.source and engagement.calendar_date = accounts.calendar_date
where engagement.dau is distinct from accounts.active_users
