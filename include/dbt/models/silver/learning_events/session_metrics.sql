{{ config(pre_hook="{{ touch_sessions() }}") }}

with

facts as (

    select facts.*
    from {{ touched_facts(
        'fact_learning_events',
        'facts.session_id = touched.session_id and facts.user_id = touched.learner_id and facts.source = touched.source'
        ~ ' and facts.event_date between touched.first_date and touched.last_date'
    ) }}

),

sessions_at_horizon as (

    select * from {{ source('ops', 'sessions_at_horizon') }}

),

events as (

    select facts.*
    from facts
    left join sessions_at_horizon
        on
            facts.source = sessions_at_horizon.source
            and facts.user_id = sessions_at_horizon.learner_id
            and facts.session_id = sessions_at_horizon.session_id
    where sessions_at_horizon.session_id is null and {{ is_not_kept() }}

),

session_metrics as (

    {{ session_metrics_of_events() }}

)

select * from session_metrics
{{ and_kept('partition_date') }}
