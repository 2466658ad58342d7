-- depends_on: {{ ref('growth_accounting') }}
-- (first, so that the tests that compare the two run behind this model)

with

periods as (

    select * from {{ active_periods() }} as periods_to_as_of
    where source = 'all'

),

first_periods as (

    select
        user_id,
        period,
        period_start as cohort_start
    from periods
    where previous_period_start is null

),

cohorts as (

    select
        period as cohort_period,
        cohort_start,
        count(*) as cohort_size
    from first_periods
    group by period, cohort_start

),

active as (

    select
        periods.period as cohort_period,
        first_periods.cohort_start,
        periods.period_start,
        count(*) as users_active
    from periods
    inner join first_periods on periods.user_id = first_periods.user_id and periods.period = first_periods.period
    where periods.period <> 'day' or periods.period_start <= first_periods.cohort_start + 90
    group by periods.period, first_periods.cohort_start, periods.period_start

),

spine as (

    select
        cohorts.cohort_period,
        cohorts.cohort_start,
        cohorts.cohort_size,
        starts.period_start::date as period_start,
        starts.place - 1 as period_number,
        (starts.period_start + ('1 ' || cohorts.cohort_period)::interval)::date - 1 as period_end
    from cohorts
    cross join lateral generate_series(
        cohorts.cohort_start,
        case
            when cohorts.cohort_period = 'day' then least({{ as_of() }}, cohorts.cohort_start + 90)
            else {{ as_of() }}
        end,
        ('1 ' || cohorts.cohort_period)::interval
    ) with ordinality as starts (period_start, place)

),

retention as (

    select
        spine.cohort_period,
        spine.cohort_start,
        spine.period_number,
        spine.cohort_size,
        coalesce(active.users_active, 0) as users_active,
        {{ rate('coalesce(active.users_active, 0)', 'spine.cohort_size') }} as retention_rate,
        case
            when spine.cohort_period <> 'day' then null
            when spine.period_number <= 1 then spine.period_number::text
            when spine.period_number <= 7 then '2-7'
            when spine.period_number <= 14 then '8-14'
            when spine.period_number <= 30 then '15-30'
            when spine.period_number <= 60 then '31-60'
            else '61-90'
        end as period_group,
        spine.period_end <= {{ as_of() }} as is_complete
    from spine
    left join active
        on
            spine.cohort_period = active.cohort_period
            and spine.cohort_start = active.cohort_start
            and spine.period_start = active.period_start

)

select * from retention
