{{ config(pre_hook="{{ touch_user_days('user_id', 'calendar_date') }}") }}

with

events as (

    select
        facts.*,
        facts.event_type = 'problem_attempt' as is_problem,
        facts.event_type = 'problem_attempt' and facts.is_correct is not null as is_judged
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.calendar_date'
    ) }}

),

days as (

    select
        user_id,
        event_date as calendar_date,

        count(*) as total_events,
        count(distinct coalesce(unit_id, content_id)) filter (where is_learning) as unique_units_accessed,
        count(*) filter (where event_type = 'lesson_start') as lesson_starts,
        count(*) filter (where event_type = 'lesson_complete') as lesson_completes,

        count(*) filter (where is_problem) as problem_attempts,
        count(*) filter (where is_judged) as problems_judged,
        count(*) filter (where is_judged and is_correct) as problems_correct,
        {{ rate('count(*) filter (where is_judged and is_correct)', 'count(*) filter (where is_judged)') }}
            as accuracy_rate,
        count(*) filter (where event_type = 'help_requested') as help_requests,
        round(avg(time_seconds) filter (where is_problem), 2) as avg_problem_time_seconds,

        count(distinct date_trunc('minute', occurred_at, 'UTC')) as active_minutes,
        min(occurred_at) as first_activity_at,
        max(occurred_at) as last_activity_at,

        max(_load_id) as _load_id
    from events
    group by user_id, event_date

)

select * from days
{{ and_kept('calendar_date') }}
