with

minutes as (

    select * from {{ ref('minute_metrics') }}
    where partition_date between {{ as_of() }} - 89 and {{ as_of() }}

),

session_days as (

    select
        learner_id,
        partition_date,
        session_id,
        sum(total_events) as total_events,
        sum(time_spent_seconds) as time_spent_seconds,
        sum(lessons_completed) as lessons_completed,
        sum(assessments_completed) as assessments_completed
    from minutes
    group by learner_id, partition_date, session_id

),

learner_days as (

    select
        learner_id,
        partition_date as calendar_date,
        sum(total_events)::bigint as daily_events,
        round(sum(time_spent_seconds) / 3600, 4) as hours_spent,
        count(*) as sessions,
        sum(lessons_completed)::bigint as lessons_completed,
        sum(assessments_completed)::bigint as assessments_completed
    from session_days
    group by learner_id, partition_date

)

select * from learner_days
