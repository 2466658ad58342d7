-- Cohorts of which the size is not the new users of their period, or changes from period to period; and new users
-- without a cohort.
with

cohorts as (

    select
        cohort_period as period,
        cohort_start as period_start,
        min(cohort_size) as least_size,
        max(cohort_size) as most_size
    from {{ ref('retention_cohorts') }}
    group by cohort_period, cohort_start

),

accounts as (

    select * from {{ ref('growth_accounting') }}
    where source = 'all' and new_users > 0

)

select
    coalesce(cohorts.period, accounts.period) as period,
    coalesce(cohorts.period_start, accounts.period_start) as period_start,
    cohorts.least_size,
    cohorts.most_size,
    accounts.new_users
from cohorts
full outer join accounts on cohorts.period = accounts.period and cohorts.period_start = accounts.period_start
where (cohorts.least_size, cohorts.most_size) is distinct from (accounts.new_users, accounts.new_users)
