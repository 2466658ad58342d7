{{ config(pre_hook="{{ touch_user_days('user_id', 'calendar_date') }}") }}
-- depends_on: {{ ref('fact_user_days') }}
-- (first, so that the tests that compare the two run behind this model)

with

transactions as (

    select
        facts.*,
        left(coalesce(nullif(facts.transaction_category, ''), 'uncategorised'), 255) as category
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.calendar_date'
    ) }}
    where facts.points is not null

),

days as (

    select
        user_id,
        event_date as calendar_date,
        category as transaction_category,
        coalesce(sum(points) filter (where points > 0), 0) as points_earned,
        coalesce(-sum(points) filter (where points < 0), 0) as points_redeemed,
        count(*) as transactions,
        max(_load_id) as _load_id
    from transactions
    group by user_id, event_date, category

)

select * from days
{{ and_kept('calendar_date') }}
