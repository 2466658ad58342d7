-- depends_on: {{ ref('daily_engagement') }}
-- (first, so that the tests that compare the two run behind this model)

with

active_days as (

    select * from {{ ref('fact_user_days') }}
    where source = 'all' and active_events > 0 and calendar_date <= {{ as_of() }}

),

places as (

    select * from {{ ref('user_day_places') }}
    where active_events > 0 and calendar_date <= {{ as_of() }}

),

by_date as (

    select
        calendar_date,
        count(*) as dau,
        count(*) filter (where points_earned > 0) as earning,
        count(*) filter (where points_redeemed > 0) as redeeming,
        count(*) filter (where shares > 0) as sharing,
        count(*) filter (where likes > 0) as liking,
        count(*) filter (where searches > 0) as searching,
        count(*) filter (where shares + likes > 0) as social
    from active_days
    group by calendar_date

),

spine as (

    select generate_series(min(calendar_date), {{ as_of() }}, '1 day')::date as calendar_date
    from by_date

),

-- A user of two countries has two rows of a platform.
platform_users as (

    select
        calendar_date,
        platform,
        user_id
    from places
    group by calendar_date, platform, user_id

),

by_platform as (

    select
        calendar_date,
        count(*) filter (where platform = 'web') as on_web,
        count(*) filter (where platform = 'mobile') as on_mobile
    from platform_users
    group by calendar_date

),

drivers as (

    select
        spine.calendar_date,
        coalesce(by_date.dau, 0) as dau,
        {{ rate('by_date.earning', 'by_date.dau') }} as earning_share,
        {{ rate('by_date.redeeming', 'by_date.dau') }} as redeeming_share,
        {{ rate('by_date.sharing', 'by_date.dau') }} as sharing_share,
        {{ rate('by_date.liking', 'by_date.dau') }} as liking_share,
        {{ rate('by_date.searching', 'by_date.dau') }} as searching_share,
        {{ rate('by_platform.on_web', 'by_date.dau') }} as web_share,
        {{ rate('by_platform.on_mobile', 'by_date.dau') }} as mobile_share,
        {{ rate('by_date.social', 'by_date.dau') }} as social_share,
        case
            when by_date.social >= 0.2 * by_date.dau then 'High'
            when by_date.social >= 0.1 * by_date.dau then 'Moderate'
            when by_date.dau > 0 then 'Low'
        end as social_level,
        {{ rate(
            '(0.3 * by_date.earning + 0.2 * by_date.redeeming + 0.2 * by_date.sharing'
            ~ ' + 0.15 * by_date.liking + 0.15 * by_date.searching)',
            'by_date.dau'
        ) }} as feature_adoption_score
    from spine
    left join by_date on spine.calendar_date = by_date.calendar_date
    left join by_platform on spine.calendar_date = by_platform.calendar_date

)

select * from drivers
