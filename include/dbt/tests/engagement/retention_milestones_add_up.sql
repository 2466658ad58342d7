-- Milestones of which the cohorts, all together, are not what is said of all users.
with

milestones as (

    select * from {{ ref('retention_milestones') }}

),

added_up as (

    select
        n,
        sum(eligible_users) as eligible_users,
        sum(classic_users) as classic_users,
        sum(rolling_users) as rolling_users,
        sum(cumulative_users) as cumulative_users
    from milestones
    where cohort_month is not null
    group by n

),

overall as (

    select * from milestones
    where cohort_month is null

)

select
    coalesce(added_up.n, overall.n) as n,
    added_up.eligible_users,
    overall.eligible_users as eligible_users_overall
from added_up
full outer join overall on added_up.n = overall.n
where
    (added_up.eligible_users, added_up.classic_users, added_up.rolling_users, added_up.cumulative_users)
    is distinct from (overall.eligible_users, overall.classic_users, overall.rolling_users, overall.cumulative_users)
