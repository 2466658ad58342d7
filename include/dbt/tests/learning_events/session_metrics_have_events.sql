-- Sessions without any event: ghosts, whose events have gone to another session, user or day.
{% set models = ['fact_learning_events', 'session_metrics'] %}

with

sessions as (

    select facts.*
    from {{ unpublished_facts(
        models,
        'session_metrics',
        'facts.learner_id = changed.student_id and facts.partition_date <= changed.calendar_date'
        ~ " and facts.session_end_at >= (changed.calendar_date - 1)::timestamp at time zone 'UTC'"
    ) }}
    where facts.partition_date >= {{ raw_horizon() }}

),

events as (

    select * from {{ ref('fact_learning_events') }}

)

select distinct
    sessions.source,
    sessions.session_id,
    sessions.partition_date
from sessions
where
    {{ is_in_step('session_metrics', 'fact_learning_events') }}
    and not exists (
        select from events
        where
            events.session_id = sessions.session_id
            and events.user_id = sessions.learner_id
            and events.source = sessions.source
    )
