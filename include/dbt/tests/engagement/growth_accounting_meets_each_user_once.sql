-- Sources and periods of which the new users, all together, are not the users ever active.
with

user_days as (

    select * from {{ ref('fact_user_days') }}
    where active_events > 0 and calendar_date <= {{ as_of() }}

),

users as (

    select
        source,
        count(distinct user_id) as users
    from user_days
    group by source

),

accounts as (

    select
        source,
        period,
        sum(new_users) as new_users
    from {{ ref('growth_accounting') }}
    group by source, period

)

select accounts.*
from accounts
left join users on accounts.source = users.source
where accounts.new_users is distinct from users.users
