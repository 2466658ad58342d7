-- Days and sources for which users' days hold another number of sessions, or seconds of them, than began there.
{% set models = ['session_metrics', 'fact_user_days'] %}

with

sessions as (

    select
        facts.partition_date as calendar_date,
        coalesce(facts.source, 'all') as source,
        count(*) as session_count,
        sum(facts.duration_seconds) as session_seconds
    from {{ unpublished_facts(
        models,
        'session_metrics',
        'facts.learner_id = changed.student_id and facts.partition_date = changed.calendar_date'
    ) }}
    where facts.partition_date >= {{ raw_horizon() }}
    group by grouping sets ((facts.partition_date, facts.source), (facts.partition_date))

),

user_days as (

    select
        facts.calendar_date,
        facts.source,
        sum(facts.sessions) as session_count,
        sum(facts.session_seconds) as session_seconds
    from {{ unpublished_facts(
        models,
        'fact_user_days',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.calendar_date >= {{ raw_horizon() }}
    group by facts.calendar_date, facts.source

)

select
    coalesce(sessions.calendar_date, user_days.calendar_date) as calendar_date,
    coalesce(sessions.source, user_days.source) as source,
    sessions.session_count as sessions_begun,
    user_days.session_count as sessions_in_user_days
from sessions
full outer join user_days
    on
        sessions.calendar_date = user_days.calendar_date
        and sessions.source = user_days.source
where
    row(coalesce(sessions.session_count, 0), coalesce(sessions.session_seconds, 0))
    <> row(coalesce(user_days.session_count, 0), coalesce(user_days.session_seconds, 0))
    and {{ is_in_step('fact_user_days', 'session_metrics') }}
