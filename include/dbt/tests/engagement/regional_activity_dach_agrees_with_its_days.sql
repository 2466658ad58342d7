-- What regional_activity_dach says of users, learners or completions, and the days of its window do not allow: nobody
-- is there who was on none of the days, each is at least once, and on no day there were more.
with

days as (

    select
        calendar_date,
        sum(users) as users,
        sum(learners) as learners,
        max(users) as most_users,
        max(learners) as most_learners,
        sum(completions) as completions
    from {{ ref('regional_activity') }}
    where is_dach and platform = 'mobile' and calendar_date between {{ as_of() }} - 29 and {{ as_of() }}
    group by calendar_date

),

of_days as (

    select
        coalesce(sum(users), 0) as users,
        coalesce(sum(learners), 0) as learners,
        coalesce(max(most_users), 0) as most_users,
        coalesce(max(most_learners), 0) as most_learners,
        coalesce(sum(completions), 0) as completions
    from days

)

select
    activity.window_end,
    activity.users,
    activity.learners,
    activity.completions
from {{ ref('regional_activity_dach') }} as activity
cross join of_days
where
    activity.completions <> of_days.completions
    or activity.users not between of_days.most_users and of_days.users
    or activity.learners not between of_days.most_learners and of_days.learners
