-- Whether the funnel lacks a user who was onboarded, a step, or a month between the first and that of as_of.
with

onboarded as (

    select count(distinct user_id) as users
    from {{ ref('fact_milestones') }}
    where milestone = 'onboarding_complete' and calendar_date <= {{ as_of() }}

),

funnel as (

    select
        count(*) as steps,
        coalesce(sum(users) filter (where step_number = 1), 0) as users,
        age(date_trunc('month', {{ as_of() }}), min(cohort_month)::timestamp) as months
    from {{ ref('onboarding_funnel') }}

)

select
    onboarded.users as onboarded_users,
    funnel.users,
    funnel.steps,
    funnel.months
from onboarded
cross join funnel
where
    onboarded.users <> funnel.users
    or funnel.steps <> coalesce(5 * (12 * extract(year from funnel.months) + extract(month from funnel.months) + 1), 0)
