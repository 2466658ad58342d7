-- Days on which the minutes do not add up to the events. Each side is summed up for itself: events joined to the totals
-- of their minutes would count a minute once for each of its events.
{% set models = ['fact_learning_events', 'minute_metrics'] %}

with

events as (

    select
        facts.event_date as partition_date,
        count(*) as event_count
    from {{ unpublished_facts(
        models,
        'fact_learning_events',
        'facts.user_id = changed.student_id and facts.event_date = changed.calendar_date'
    ) }}
    group by facts.event_date

),

minutes as (

    select
        facts.partition_date,
        sum(facts.total_events) as event_count
    from {{ unpublished_facts(
        models,
        'minute_metrics',
        'facts.learner_id = changed.student_id and facts.partition_date = changed.calendar_date'
    ) }}
    where facts.partition_date >= {{ raw_horizon() }}
    group by facts.partition_date

)

select
    coalesce(events.partition_date, minutes.partition_date) as partition_date,
    events.event_count as events_counted,
    minutes.event_count as events_in_minutes
from events
full outer join minutes
    on events.partition_date = minutes.partition_date
where
    events.event_count is distinct from minutes.event_count
    and {{ is_in_step('minute_metrics', 'fact_learning_events') }}
