-- Users' days of which the categories do not add up to the points of the day.
{% set models = ['fact_user_days', 'miles_days'] %}

with

of_days as (

    select
        facts.user_id,
        facts.calendar_date,
        facts.points_earned,
        facts.points_redeemed
    from {{ unpublished_facts(
        models,
        'fact_user_days',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.source = 'all' and facts.calendar_date >= {{ raw_horizon() }}

),

added_up as (

    select
        facts.user_id,
        facts.calendar_date,
        sum(facts.points_earned) as points_earned,
        sum(facts.points_redeemed) as points_redeemed
    from {{ unpublished_facts(
        models,
        'miles_days',
        'facts.user_id = changed.student_id and facts.calendar_date = changed.calendar_date'
    ) }}
    where facts.calendar_date >= {{ raw_horizon() }}
    group by facts.user_id, facts.calendar_date

)

select
    coalesce(of_days.user_id, added_up.user_id) as user_id,
    coalesce(of_days.calendar_date, added_up.calendar_date) as calendar_date,
    of_days.points_earned as earned_on_day,
    added_up.points_earned as earned_in_categories
from of_days
full outer join added_up
    on
        of_days.user_id = added_up.user_id
        and of_days.calendar_date = added_up.calendar_date
where
    row(coalesce(of_days.points_earned, 0), coalesce(of_days.points_redeemed, 0))
    <> row(coalesce(added_up.points_earned, 0), coalesce(added_up.points_redeemed, 0))
    and {{ is_in_step('miles_days', 'fact_learning_events') }}
    and {{ is_in_step('fact_user_days', 'fact_learning_events') }}
