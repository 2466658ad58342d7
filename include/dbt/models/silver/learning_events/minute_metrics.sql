{{ config(pre_hook="{{ touch_user_days('learner_id', 'partition_date') }}") }}

with

events as (

    select
        facts.*,
        date_trunc('minute', facts.occurred_at, 'UTC') as minute_at
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.learner_id and facts.event_date = touched.partition_date'
    ) }}

),

minutes as (

    select
        user_id as learner_id,
        minute_at,
        session_id,

        count(*) as total_events,
        count(*) filter (where event_type = 'page_view') as page_views,
        count(*) filter (where event_type = 'interaction') as interactions,
        count(*) filter (where event_type = 'assessment_start') as assessments_started,
        count(*) filter (where event_type = 'assessment_complete') as assessments_completed,
        count(*) filter (where event_type = 'lesson_start') as lessons_started,
        count(*) filter (where event_type = 'lesson_complete') as lessons_completed,
        count(*) filter (where event_type = 'error') as errors,

        case
            when count(*) = 1 then 60
            else {{ seconds_between('min(occurred_at)', 'max(occurred_at)') }}
        end as time_spent_seconds,

        event_date as partition_date,
        max(_load_id) as _load_id
    from events
    group by event_date, user_id, minute_at, session_id

)

select * from minutes
{{ and_kept('partition_date') }}
