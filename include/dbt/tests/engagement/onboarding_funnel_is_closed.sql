-- Steps with more users than the step before, or with shares that are not those of their users.
with

steps as (

    select
        cohort_month,
        step_number,
        users,
        share_of_first,
        share_of_previous,
        first_value(users) over in_order as first_users,
        lag(users) over in_order as previous_users
    from {{ ref('onboarding_funnel') }}
    window in_order as (
        partition by cohort_month
        order by step_number
    )

)

select
    cohort_month,
    step_number,
    users,
    share_of_first,
    share_of_previous
from steps
where
    users > previous_users
    or share_of_first is distinct from {{ rate('users', 'first_users') }}
    or share_of_previous is distinct from {{ rate('users', 'previous_users') }}
