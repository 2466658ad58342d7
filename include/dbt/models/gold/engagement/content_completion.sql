with

milestones as (

    select * from {{ ref('fact_milestones') }}
    where
        milestone in ('content_started', 'content_completed')
        and content_id is not null
        and calendar_date <= {{ as_of() }}

),

user_contents as (

    select
        user_id,
        content_id,
        content_type,
        coalesce(platform, 'unknown') as platform,
        min(occurred_at) filter (where milestone = 'content_started') as first_start_at,
        max(occurred_at) filter (where milestone = 'content_completed') as last_finish_at
    from milestones
    group by user_id, content_id, content_type, coalesce(platform, 'unknown')

),

judged as (

    select
        user_contents.*,
        user_contents.last_finish_at > user_contents.first_start_at or at_once.is_finished as is_finished
    from user_contents
    {{ join_finished_at_once('user_contents') }}

),

contents as (

    select
        content_id,
        content_type,
        platform,
        count(first_start_at) as started,
        count(*) filter (where is_finished) as finished,
        {{ rate('count(*) filter (where is_finished)', 'count(first_start_at)') }} as completion_rate,
        count(*) as users
    from judged
    group by content_id, content_type, platform

)

select * from contents
