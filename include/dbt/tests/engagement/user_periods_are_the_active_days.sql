-- Active days of users that are no period, and such periods of a day on which nobody was active.
{% set models = ['fact_user_days', 'user_periods'] %}

with

active_days as (

    select
        facts.user_id,
        facts.source,
        facts.calendar_date
    from {{ unpublished_facts(
        models,
        'fact_user_days',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.active_events > 0

),

periods as (

    select
        facts.user_id,
        facts.source,
        facts.period_start as calendar_date
    from {{ unpublished_facts(
        models,
        'user_periods',
        "facts.user_id = changed.student_id and facts.period = 'day' and facts.period_start = changed.calendar_date"
    ) }}
    where facts.period = 'day'

)

select
    coalesce(active_days.calendar_date, periods.calendar_date) as calendar_date,
    coalesce(active_days.source, periods.source) as source,
    active_days.user_id as active_user_id,
    periods.user_id as user_id_of_period
from active_days
full outer join periods
    on
        active_days.user_id = periods.user_id
        and active_days.source = periods.source
        and active_days.calendar_date = periods.calendar_date
where
    (active_days.user_id is null or periods.user_id is null)
    and {{ is_in_step('user_periods', 'fact_user_days') }}
