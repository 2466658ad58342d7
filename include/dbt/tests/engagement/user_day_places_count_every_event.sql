-- Users' days of which the places do not add up to the day.
{% set models = ['fact_user_days', 'user_day_places'] %}

with

of_days as (

    select
        facts.user_id,
        facts.calendar_date,
        facts.events,
        facts.active_events,
        facts.learning_events,
        facts.completions
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
        sum(facts.events) as events,
        sum(facts.active_events) as active_events,
        sum(facts.learning_events) as learning_events,
        sum(facts.completions) as completions
    from {{ unpublished_facts(
        models,
        'user_day_places',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.calendar_date >= {{ raw_horizon() }}
    group by facts.user_id, facts.calendar_date

)

select
    coalesce(of_days.user_id, added_up.user_id) as user_id,
    coalesce(of_days.calendar_date, added_up.calendar_date) as calendar_date,
    of_days.events as events_of_day,
    added_up.events as events_of_places
from of_days
full outer join added_up
    on
        of_days.user_id = added_up.user_id
        and of_days.calendar_date = added_up.calendar_date
where
    row(of_days.events, of_days.active_events, of_days.learning_events, of_days.completions)
    is distinct from row(added_up.events, added_up.active_events, added_up.learning_events, added_up.completions)
    and {{ is_in_step('user_day_places', 'fact_learning_events') }}
    and {{ is_in_step('fact_user_days', 'fact_learning_events') }}
