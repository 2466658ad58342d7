{{ config(pre_hook="{{ touch_user_months() }}") }}

with

events as (

    select
        facts.*,
        facts.properties ->> 'verb' as verb_id,
        facts.properties ->> 'object' as object_id,
        date_trunc('month', facts.event_date)::date as month_start
    from {{ touched_facts(
        'fact_learning_events',
        'facts.user_id = touched.user_id and facts.event_date >= touched.month_start'
        ~ ' and facts.event_date < touched.next_month_start'
    ) }}
    where facts.source = 'product_events'

),

months as (

    select
        user_id,
        product,
        verb_id,
        object_id,
        month_start,
        count(*) as event_count,
        count(distinct event_date) as active_days,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
        max(_load_id) as _load_id
    from events
    group by user_id, product, verb_id, object_id, month_start

)

select * from months
{{ and_kept('month_start') }}
