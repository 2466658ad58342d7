{{ config(pre_hook="{{ touch_user_days('user_id', 'calendar_date') }}") }}
-- depends_on: {{ ref('fact_user_days') }}
-- (first, so that the tests that compare the two run behind this model)

with

events as (

    select
        facts.*,
        left(coalesce(nullif(facts.country, ''), 'unknown'), 255) as known_country,
        coalesce(facts.platform, 'unknown') as known_platform
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.calendar_date'
    ) }}

),

places as (

    select
        user_id,
        event_date as calendar_date,
        known_country as country,
        known_platform as platform,
        count(*) as events,
        count(*) filter (where is_active) as active_events,
        count(*) filter (where is_learning) as learning_events,
        count(*) filter (where is_completion) as completions,
        max(_load_id) as _load_id
    from events
    group by user_id, event_date, known_country, known_platform

)

select * from places
{{ and_kept('calendar_date') }}
