{{ config(pre_hook="{{ touch_learning_events() }}") }}

with

standing as (

    {{ events_of_sources() }}

),

user_id_map as (

    select * from {{ ref('user_id_map') }}

),

event_types as (

    select * from {{ ref('event_types') }}

),

open_sessions as (

    select * from {{ source('ops', 'sessions_at_horizon') }}
    where is_derived

),

of_users as (

    select
        standing.*,
        coalesce(user_id_map.user_id, standing.source_user_id) as user_id,
        {{ local_date('standing.occurred_at') }} as event_date,
        standing.given_session_id is null as is_session_derived
    from standing
    left join user_id_map
        on
            standing.source = user_id_map.source
            and standing.source_user_id = user_id_map.source_user_id

),

in_order as (

    select
        of_users.*,
        open_sessions.session_id as open_session_id,
        coalesce(lag(of_users.occurred_at) over loose_events, open_sessions.last_event_at) as previous_at
    from of_users
    left join open_sessions
        on
            of_users.source = open_sessions.source
            and of_users.user_id = open_sessions.learner_id
    where of_users.event_date >= {{ raw_horizon() }}
    window loose_events as (
        partition by of_users.source, of_users.user_id, of_users.is_session_derived
        order by of_users.occurred_at, of_users.event_id collate "C"
    )

),

in_sessions as (

    select
        *,
        -- The newest start up to here; none while the session goes on that was open at the horizon.
        max(occurred_at) filter (
            where previous_at is null or occurred_at - previous_at > interval '{{ var("session_gap_minutes") }} minutes'
        ) over (
            partition by source, user_id, is_session_derived
            order by occurred_at, event_id collate "C"
            rows unbounded preceding
        ) as session_start_at
    from in_order

),

learning_events as (

    select
        in_sessions.event_id,
        in_sessions.source,
        in_sessions.user_id,

        case
            when not in_sessions.is_session_derived then in_sessions.given_session_id
            when in_sessions.session_start_at is null then in_sessions.open_session_id
            else {{ derived_session_id('in_sessions') }}
        end as session_id,
        in_sessions.is_session_derived,

        coalesce(event_types.event_type, in_sessions.raw_type) as event_type,
        event_types.event_type is not null as is_known,
        coalesce(event_types.is_active, true) as is_active,
        coalesce(event_types.is_learning, false) as is_learning,
        coalesce(event_types.is_completion, false) as is_completion,

        in_sessions.occurred_at,
        in_sessions.received_at,
        in_sessions.event_date,

        in_sessions.product,
        in_sessions.platform,
        in_sessions.device_os,
        in_sessions.country,
        in_sessions.access_type,

        in_sessions.content_id,
        in_sessions.content_type,
        in_sessions.content_title,
        in_sessions.unit_id,
        in_sessions.page_id,

        in_sessions.score,
        in_sessions.max_score,
        in_sessions.is_correct,
        in_sessions.time_seconds,
        in_sessions.points,
        in_sessions.transaction_category,

        in_sessions.utm_source,
        in_sessions.properties,

        in_sessions._load_id

    from in_sessions
    left join event_types
        on
            in_sessions.source = event_types.source
            and in_sessions.raw_type = event_types.raw_type

)

select * from learning_events
