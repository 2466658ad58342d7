-- depends_on: {{ ref('regional_activity') }}
-- (first, so that the tests that compare the two run behind this model)

with

places as (

    select * from {{ ref('user_day_places') }}
    where
        calendar_date between {{ as_of() }} - 29 and {{ as_of() }}
        and platform = 'mobile'
        and {{ is_dach('country') }}

),

activity as (

    select
        {{ as_of() }} - 29 as window_start,
        {{ as_of() }} as window_end,
        count(distinct user_id) filter (where active_events > 0) as users,
        count(distinct user_id) filter (where learning_events > 0) as learners,
        coalesce(sum(completions), 0)::bigint as completions
    from places

)

select * from activity
