-- Features whose new adopters are not all who ever used them, each once, or that lack a week up to that of as_of.
with

used as (

    select
        feature,
        count(distinct user_id) as users,
        date_trunc('week', min(calendar_date))::date as first_week
    from {{ ref('fact_milestones') }}
    where milestone = 'feature_use' and calendar_date <= {{ as_of() }}
    group by feature

),

adoption as (

    select
        feature,
        sum(new_adopters) as users,
        min(week_start) as first_week,
        count(*) as weeks
    from {{ ref('feature_adoption') }}
    group by feature

)

select coalesce(used.feature, adoption.feature) as feature
from used
full outer join adoption on used.feature = adoption.feature
where
    row(used.users, used.first_week) is distinct from row(adoption.users, adoption.first_week)
    or adoption.weeks is distinct from ({{ as_of() }} - adoption.first_week) / 7 + 1
