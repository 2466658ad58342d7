{{ config(pre_hook="{{ touch_user_days('learner_id', 'partition_date') }}") }}

with

events as (

    select
        facts.*,
        {{ score_share() }} as score_share
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.learner_id and facts.event_date = touched.partition_date'
    ) }}
    where facts.event_type = 'assessment_complete' and facts.content_id is not null

),

attempts as (

    select
        source,
        event_id,
        user_id as learner_id,
        content_id,
        content_type,
        session_id,
        event_type,
        occurred_at as attempted_at,
        event_date as partition_date,
        round(score_share, 6) as mastery,
        _load_id
    from events
    where score_share is not null

)

select * from attempts
{{ and_kept('partition_date') }}
