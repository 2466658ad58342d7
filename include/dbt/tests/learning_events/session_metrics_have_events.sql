-- Sessions without any event: ghosts, whose events have gone to another session, user or day.
{% set models = ['fact_learning_events', 'session_metrics'] %}

with

sessions as (

    select facts.*
    from {{ unpublished_facts(
        models,
        'session_metrics',
        spans_day('facts', 'changed.student_id', 'changed.calendar_date')
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
