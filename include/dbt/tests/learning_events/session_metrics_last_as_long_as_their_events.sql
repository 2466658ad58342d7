-- Sessions of events that are not stored, or with another length or number of events than these have.
{% set models = ['fact_learning_events', 'session_metrics'] %}

with

session_ids as (

    select distinct
        facts.source,
        facts.user_id,
        facts.session_id
    from {{ unpublished_facts(
        models,
        'fact_learning_events',
        'facts.user_id = changed.student_id and facts.event_date = changed.calendar_date'
    ) }}

),

of_events as (

    select
        facts.source,
        facts.user_id,
        facts.session_id,
        count(*) as total_events,
        extract(epoch from max(facts.occurred_at) - min(facts.occurred_at)) as duration_seconds
    from {{ unpublished_facts_of(
        models,
        'session_ids',
        'fact_learning_events',
        'facts.session_id = session_ids.session_id and facts.user_id = session_ids.user_id'
        ~ ' and facts.source = session_ids.source'
    ) }}
    group by 1, 2, 3

),

stored as (

    select * from {{ ref('session_metrics') }}

)

select
    of_events.source,
    of_events.session_id,
    of_events.duration_seconds,
    stored.duration_seconds as stored_seconds
from of_events
left join stored
    on
        of_events.source = stored.source
        and of_events.user_id = stored.learner_id
        and of_events.session_id = stored.session_id
where
    -- What began before the horizon of raw events is not made of what is left of them.
    (stored.partition_date is null or stored.partition_date >= {{ raw_horizon() }})
    and row(of_events.total_events, of_events.duration_seconds)
    is distinct from row(stored.total_events, stored.duration_seconds)
    and {{ is_in_step('session_metrics', 'fact_learning_events') }}
