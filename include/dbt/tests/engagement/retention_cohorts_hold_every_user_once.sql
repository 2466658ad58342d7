-- Periods of which the sizes of the cohorts, all together, are not the users ever active.
with

user_days as (

    select * from {{ ref('fact_user_days') }}
    where source = 'all' and active_events > 0 and calendar_date <= {{ as_of() }}

),

cohorts as (

    select
        cohort_period,
        sum(cohort_size) as users
    from {{ ref('retention_cohorts') }}
    where period_number = 0
    group by cohort_period

),

users as (

    select count(distinct user_id) as users
    from user_days

)

select
    cohorts.cohort_period,
    cohorts.users as users_of_cohorts,
    users.users
from cohorts
cross join users
where cohorts.users <> users.users
