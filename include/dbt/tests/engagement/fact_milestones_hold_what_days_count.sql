-- Users' days with other contents started, or other completions, than milestones.
{% set models = ['fact_user_days', 'fact_milestones'] %}

with

of_days as (

    select
        facts.user_id,
        facts.calendar_date,
        facts.contents_started,
        facts.completions,
        facts.first_completion_at
    from {{ unpublished_facts(
        models,
        'fact_user_days',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.source = 'all' and facts.calendar_date >= {{ raw_horizon() }}

),

added_up as (

    select
        facts.user_id,
        facts.calendar_date,
        count(distinct facts.content_id) filter (where facts.milestone = 'content_started') as contents_started,
        count(*) filter (where facts.milestone = 'content_started') as starts,
        count(*) filter (where facts.milestone = 'content_completed') as completions,
        min(facts.occurred_at) filter (where facts.milestone = 'content_completed') as first_completion_at
    from {{ unpublished_facts(
        models,
        'fact_milestones',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.calendar_date >= {{ raw_horizon() }}
    group by facts.user_id, facts.calendar_date

)

select
    coalesce(of_days.user_id, added_up.user_id) as user_id,
    coalesce(of_days.calendar_date, added_up.calendar_date) as calendar_date,
    of_days.contents_started as contents_started_on_day,
    added_up.contents_started as contents_started_by_milestones,
    of_days.completions as completions_on_day,
    added_up.completions as completions_by_milestones
from of_days
full outer join added_up
    on
        of_days.user_id = added_up.user_id
        and of_days.calendar_date = added_up.calendar_date
where
    (
        coalesce(of_days.contents_started, 0) <> coalesce(added_up.contents_started, 0)
        -- A start that is said to be a completion too is a start.
        or coalesce(of_days.completions, 0) not between
        coalesce(added_up.completions, 0) and coalesce(added_up.completions + added_up.starts, 0)
        or of_days.first_completion_at > added_up.first_completion_at
    )
    and {{ is_in_step('fact_milestones', 'fact_learning_events') }}
    and {{ is_in_step('fact_user_days', 'fact_learning_events') }}
