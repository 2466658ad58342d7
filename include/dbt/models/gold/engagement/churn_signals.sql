-- depends_on: {{ ref('user_segments') }}
-- (first, so that the tests that compare the two run behind this model)

with

days as (

    select
        *,
        calendar_date > {{ as_of() }} - 28 as is_now
    from {{ ref('fact_user_days') }}
    where source = 'all' and calendar_date between {{ as_of() }} - 55 and {{ as_of() }}

),

feature_uses as (

    select
        *,
        calendar_date > {{ as_of() }} - 28 as is_now
    from {{ ref('fact_milestones') }}
    where milestone = 'feature_use' and calendar_date between {{ as_of() }} - 55 and {{ as_of() }}

),

activity as (

    select
        user_id,
        coalesce(sum(sessions) filter (where not is_now), 0)::bigint as sessions_before,
        coalesce(sum(sessions) filter (where is_now), 0)::bigint as sessions_now,
        coalesce(sum(completions) filter (where not is_now), 0)::bigint as completions_before,
        coalesce(sum(completions) filter (where is_now), 0)::bigint as completions_now
    from days
    group by user_id
    having bool_or(active_events > 0 and not is_now)

),

features as (

    select
        user_id,
        count(distinct feature) filter (where not is_now) as features_before,
        count(distinct feature) filter (where is_now) as features_now
    from feature_uses
    group by user_id

),

compared as (

    select
        activity.*,
        coalesce(features.features_before, 0) as features_before,
        coalesce(features.features_now, 0) as features_now
    from activity
    left join features on activity.user_id = features.user_id

),

judged as (

    select
        *,
        sessions_before > 0 and 2 * sessions_now <= sessions_before as has_fewer_sessions,
        completions_before > 0 and 2 * completions_now <= completions_before as has_fewer_completions,
        features_before > 0 and 2 * features_now <= features_before as has_fewer_features
    from compared

),

signals as (

    select
        *,
        has_fewer_sessions::int::bigint + has_fewer_completions::int + has_fewer_features::int as signals,
        coalesce(
            'Fell by half or more: ' || nullif(concat_ws(
                ', ',
                case
                    when has_fewer_sessions
                        then 'sessions from ' || sessions_before::text || ' to ' || sessions_now::text
                end,
                case
                    when has_fewer_completions
                        then 'completions from ' || completions_before::text || ' to ' || completions_now::text
                end,
                case
                    when has_fewer_features
                        then 'distinct features from ' || features_before::text || ' to ' || features_now::text
                end
            ), ''),
            'Nothing fell by half or more'
        ) || '.' as reasons
    from judged

)

select * from signals
