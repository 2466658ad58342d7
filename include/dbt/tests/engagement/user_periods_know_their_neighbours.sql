-- Periods of which the one before or after does not point back, and second periods that are said to be the first.
{% set models = ['user_periods'] %}

with

periods as (

    select facts.*
    from {{ unpublished_facts(
        models, 'user_periods', 'facts.user_id = changed.student_id and facts.period_start = changed.calendar_date'
    ) }}

),

-- Read by the index, not copied.
all_periods as not materialized (

    select * from {{ ref('user_periods') }}

)

select
    periods.user_id,
    periods.source,
    periods.period,
    periods.period_start,
    periods.previous_period_start,
    periods.next_active_date
from periods
left join all_periods as earlier
    on
        periods.user_id = earlier.user_id
        and periods.source = earlier.source
        and periods.period = earlier.period
        and periods.previous_period_start = earlier.period_start
left join all_periods as later
    on
        periods.user_id = later.user_id
        and periods.source = later.source
        and periods.period = later.period
        and date_trunc(periods.period, periods.next_active_date)::date = later.period_start
where
    (periods.previous_period_start is not null and earlier.next_active_date is distinct from periods.first_active_date)
    or (
        periods.next_active_date is not null
        and row(later.first_active_date, later.previous_period_start)
        is distinct from row(periods.next_active_date, periods.period_start)
    )
    or (
        periods.previous_period_start is null
        and exists (
            select from all_periods as others
            where
                others.user_id = periods.user_id
                and others.source = periods.source
                and others.period = periods.period
                and others.period_start < periods.period_start
        )
    )
