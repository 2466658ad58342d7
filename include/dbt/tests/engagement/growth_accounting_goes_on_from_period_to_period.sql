-- Periods before that of as_of without the one that follows, or that this one counts otherwise than that one.
with

accounts as (

    select * from {{ ref('growth_accounting') }}

)

select
    accounts.source,
    accounts.period,
    accounts.period_start,
    accounts.active_users,
    following.previous_active_users
from accounts
left join accounts as following
    on
        accounts.source = following.source
        and accounts.period = following.period
        and accounts.period_end + 1 = following.period_start
where
    accounts.period_end < {{ as_of() }}
    and following.previous_active_users is distinct from accounts.active_users
