-- Weeks and months with other active days than the user has in them, or another first one.
{% set models = ['user_periods'] %}

with

weeks_and_months as (

    select distinct facts.*
    from {{ unpublished_facts(
        models,
        'user_periods',
        "facts.user_id = changed.student_id and ("
        ~ "facts.period = 'week' and facts.period_start = date_trunc('week', changed.calendar_date)::date"
        ~ " or facts.period = 'month' and facts.period_start = date_trunc('month', changed.calendar_date)::date)"
    ) }}
    where facts.period <> 'day'

),

days as (

    select * from {{ ref('user_periods') }}
    where period = 'day'

)

select
    weeks_and_months.user_id,
    weeks_and_months.source,
    weeks_and_months.period,
    weeks_and_months.period_start,
    weeks_and_months.active_days,
    in_it.active_days as days_in_it
from weeks_and_months
left join lateral (
    select
        count(*) as active_days,
        min(days.period_start) as first_active_date
    from days
    where
        days.user_id = weeks_and_months.user_id
        and days.source = weeks_and_months.source
        and days.period_start >= weeks_and_months.period_start
        and days.period_start < weeks_and_months.period_start + ('1 ' || weeks_and_months.period)::interval
) as in_it on true
where
    row(weeks_and_months.active_days, weeks_and_months.first_active_date)
    is distinct from row(in_it.active_days, in_it.first_active_date)
