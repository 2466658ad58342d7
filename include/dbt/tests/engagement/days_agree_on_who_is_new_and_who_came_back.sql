-- Days of which the tables count the users, those who came back, the new or the consecutive ones otherwise, or that one
-- of them lacks.
with

quality as (

    select
        calendar_date,
        dau,
        returning_week_users + returning_long_gap_users as resurrected_users,
        new_users,
        consecutive_day_users
    from {{ ref('retention_quality') }}

),

resurrection as (

    select * from {{ ref('user_resurrection') }}

),

accounts as (

    select
        period_start as calendar_date,
        active_users,
        resurrected_users,
        new_users,
        retained_users
    from {{ ref('growth_accounting') }}
    where source = 'all' and period = 'day'

)

select
    coalesce(quality.calendar_date, resurrection.calendar_date, accounts.calendar_date) as calendar_date,
    quality.dau,
    resurrection.dau as dau_of_resurrection,
    accounts.active_users
from quality
full outer join resurrection on quality.calendar_date = resurrection.calendar_date
full outer join accounts on coalesce(quality.calendar_date, resurrection.calendar_date) = accounts.calendar_date
where
    (quality.dau, quality.resurrected_users) is distinct from (resurrection.dau, resurrection.resurrected_users)
    or (quality.dau, quality.resurrected_users, quality.new_users, quality.consecutive_day_users)
    is distinct from (
        accounts.active_users, accounts.resurrected_users, accounts.new_users, accounts.retained_users
    )
