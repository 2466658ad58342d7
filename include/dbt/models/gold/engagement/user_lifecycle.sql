-- depends_on: {{ ref('miles_by_category') }}, {{ ref('miles_analytics') }}
-- (first, so that the tests that compare the two run behind this model)

with

days as (

    select * from {{ ref('fact_user_days') }}
    where source = 'all' and calendar_date <= {{ as_of() }}

),

users as (

    select
        user_id,
        min(calendar_date) as first_seen_date,
        max(calendar_date) as last_seen_date,
        min(calendar_date) filter (where active_events > 0) as first_active_date,
        max(calendar_date) filter (where active_events > 0) as last_active_date,
        count(*) filter (where active_events > 0) as active_days,
        (array_agg(platform order by calendar_date) filter (where platform is not null))[1] as first_platform,
        (array_agg(country order by calendar_date) filter (where country <> ''))[1] as first_country,
        (array_agg(utm_source order by calendar_date) filter (where utm_source <> ''))[1] as first_utm_source,
        sum(points_earned - points_redeemed) as miles_balance
    from days
    group by user_id

),

lifecycle as (

    select
        user_id,
        first_seen_date,
        last_seen_date,
        first_platform,
        first_country,
        first_utm_source,
        active_days,
        case
            when coalesce(last_active_date <= {{ as_of() }} - 28, true) then 'dormant'
            when {{ as_of() }} - first_active_date <= 7 then 'new'
            when {{ as_of() }} - first_active_date <= 30 then 'growing'
            when {{ as_of() }} - first_active_date <= 90 then 'established'
            else 'mature'
        end as lifecycle_stage,
        miles_balance,
        miles_balance < 0 as has_negative_balance
    from users

)

select * from lifecycle
