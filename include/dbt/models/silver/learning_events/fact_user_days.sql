{{ config(pre_hook="{{ touch_user_days('user_id', 'calendar_date', ['fact_learning_events', 'session_metrics']) }}") }}

with

events as (

    select facts.*
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.calendar_date'
    ) }}

),

started_sessions as (

    select facts.*
    from {{ touched_facts(
        'session_metrics', 'facts.learner_id = touched.user_id and facts.partition_date = touched.calendar_date'
    ) }}

),

days as (

    select
        user_id,
        event_date as calendar_date,
        coalesce(source, 'all') as day_source,

        count(*) as events,
        count(*) filter (where is_active) as active_events,
        count(*) filter (where is_learning) as learning_events,
        count(*) filter (where is_completion) as completions,
        min(occurred_at) filter (where is_completion) as first_completion_at,
        max(occurred_at) filter (where is_completion) as last_completion_at,

        coalesce(sum(points) filter (where points > 0), 0) as points_earned,
        coalesce(-sum(points) filter (where points < 0), 0) as points_redeemed,
        count(*) filter (where event_type = 'share') as shares,
        count(*) filter (where event_type = 'like') as likes,
        count(*) filter (where event_type = 'reward_search') as searches,

        (array_agg(platform order by occurred_at, event_id collate "C", source collate "C"))[1] as platform,
        (array_agg(country order by occurred_at, event_id collate "C", source collate "C"))[1] as country,
        (
            array_agg(utm_source order by occurred_at, event_id collate "C", source collate "C")
            filter (where utm_source <> '')
        )[1] as utm_source,

        max(_load_id) as _load_id
    from events
    group by grouping sets ((user_id, event_date, source), (user_id, event_date))

),

content_days as (

    {{ contents_of_days() }}

),

session_days as (

    select
        learner_id,
        partition_date,
        coalesce(source, 'all') as day_source,
        count(*) as sessions,
        sum(duration_seconds) as session_seconds
    from started_sessions
    group by grouping sets ((learner_id, partition_date, source), (learner_id, partition_date))

),

user_days as (

    select
        days.user_id,
        days.calendar_date,
        days.day_source as source,

        days.events,
        days.active_events,
        days.learning_events,
        days.completions,
        coalesce(content_days.contents_started, 0) as contents_started,
        coalesce(content_days.contents_completed, 0) as contents_completed,
        days.first_completion_at,
        days.last_completion_at,
        coalesce(session_days.sessions, 0) as sessions,
        coalesce(session_days.session_seconds, 0) as session_seconds,

        days.points_earned,
        days.points_redeemed,
        days.shares,
        days.likes,
        days.searches,

        days.platform,
        days.country,
        days.utm_source,
        days._load_id

    from days
    left join session_days
        on
            days.user_id = session_days.learner_id
            and days.calendar_date = session_days.partition_date
            and days.day_source = session_days.day_source
    left join content_days
        on
            days.user_id = content_days.user_id
            and days.calendar_date = content_days.event_date
            and days.day_source = content_days.day_source

)

select * from user_days
{{ and_kept('calendar_date') }}
