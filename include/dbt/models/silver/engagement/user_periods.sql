{{ config(pre_hook="{{ touch_user_periods() }}") }}
-- depends_on: {{ ref('fact_user_days') }}

with

days as (

    {{ active_days_of_periods() }}

),

periods as (

    select
        days.user_id,
        days.source,
        periods.period,
        periods.period_start,
        min(days.calendar_date) as first_active_date,
        count(*) as active_days,
        max(days._load_id) as _load_id
    from days
    {{ periods_of('days.calendar_date') }}
    group by 1, 2, 3, 4

),

in_order as (

    select
        user_id,
        source,
        period,
        period_start,
        first_active_date,
        active_days,
        lag(period_start) over (partition by user_id, source, period order by period_start) as previous_period_start,
        lead(first_active_date) over (partition by user_id, source, period order by period_start) as next_active_date,
        _load_id
    from periods

),

user_periods as (

    select * from in_order
    {{ where_touched(['user_id', 'source', 'period', 'period_start']) }}

)

select * from user_periods
