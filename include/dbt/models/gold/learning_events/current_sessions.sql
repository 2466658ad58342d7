with

sessions as (

    select * from {{ ref('session_metrics') }}
    where session_end_at >= {{ end_of_as_of() }} - interval '30 minutes'

),

cut as (

    select * from {{ sessions_cut_at_as_of() }} as sessions_to_as_of

),

known_at_as_of as (

    select * from sessions
    where session_end_at < {{ end_of_as_of() }}
    union all
    select * from cut

),

active as (

    select
        source,
        learner_id,
        session_id,
        session_start_at,
        session_end_at,
        duration_seconds,
        total_events,
        unique_pages,
        total_interactions,
        lessons_attempted,
        lessons_completed,
        assessments_attempted,
        assessments_completed,
        avg_assessment_score,
        completion_rate,
        last_activity_at,
        last_event_type,
        partition_date,
        true as is_active
    from known_at_as_of
    where session_end_at >= {{ end_of_as_of() }} - interval '30 minutes'

)

select * from active
