{{ config(pre_hook="{{ touch_user_days('user_id', 'event_date') }}") }}
-- depends_on: {{ ref('dim_users') }}, {{ ref('dim_products') }}, {{ ref('dim_verbs') }}, {{ ref('dim_objects') }}
-- (they come first, so that the tests of the keys run behind this model)

with

events as (

    select facts.*
    from {{ touched_facts(
        'fact_learning_events', 'facts.user_id = touched.user_id and facts.event_date = touched.event_date'
    ) }}
    where facts.source = 'product_events'

),

product_events as (

    select
        {{ surrogate_key(['source', 'event_id']) }} as event_key,
        {{ surrogate_key(['user_id']) }} as user_key,
        {{ surrogate_key(['product']) }} as product_key,
        {{ surrogate_key(["properties ->> 'verb'"]) }} as verb_key,
        {{ surrogate_key(["properties ->> 'object'"]) }} as object_key,
        to_char(event_date, 'YYYYMMDD')::int as date_key,
        properties ->> 'id' as event_id,
        user_id,
        occurred_at as event_at,
        event_date,
        _load_id
    from events

)

select * from product_events
