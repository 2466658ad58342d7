with

places as (

    select * from {{ ref('user_day_places') }}
    where calendar_date <= {{ as_of() }}

),

place_days as (

    select
        calendar_date,
        country,
        platform,
        count(*) filter (where active_events > 0) as users,
        count(*) filter (where learning_events > 0) as learners,
        sum(completions)::bigint as completions
    from places
    group by calendar_date, country, platform

),

-- Also the days without anybody there.
spine as (

    select
        country,
        platform,
        generate_series(min(calendar_date), {{ as_of() }}, '1 day')::date as calendar_date
    from place_days
    where greatest(users, learners, completions) > 0
    group by country, platform

),

activity as (

    select
        spine.calendar_date,
        spine.country,
        spine.platform,
        coalesce(place_days.users, 0) as users,
        coalesce(place_days.learners, 0) as learners,
        coalesce(place_days.completions, 0) as completions,
        {{ is_dach('spine.country') }} as is_dach
    from spine
    left join place_days
        on
            spine.calendar_date = place_days.calendar_date
            and spine.country = place_days.country
            and spine.platform = place_days.platform

)

select * from activity
