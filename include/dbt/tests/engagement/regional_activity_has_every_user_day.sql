-- Countries and platforms that have not every day from their first activity to as_of, or not every user of each day.
with

places as (

    select
        country,
        platform,
        min(calendar_date) as first_day,
        count(*) filter (where active_events > 0) as users,
        count(*) filter (where learning_events > 0) as learners,
        sum(completions) as completions
    from {{ ref('user_day_places') }}
    where calendar_date <= {{ as_of() }} and greatest(active_events, learning_events, completions) > 0
    group by country, platform

),

activity as (

    select
        country,
        platform,
        min(calendar_date) as first_day,
        count(*) as days,
        sum(users) as users,
        sum(learners) as learners,
        sum(completions) as completions
    from {{ ref('regional_activity') }}
    group by country, platform

)

select
    coalesce(places.country, activity.country) as country,
    coalesce(places.platform, activity.platform) as platform
from places
full outer join activity on places.country = activity.country and places.platform = activity.platform
where
    row(places.first_day, places.users, places.learners, places.completions)
    is distinct from row(activity.first_day, activity.users, activity.learners, activity.completions)
    or activity.days is distinct from {{ as_of() }} - activity.first_day + 1
