with

events as (

    select * from {{ ref('fact_product_events') }}
    where event_date between {{ as_of() }} - 6 and {{ as_of() }}

),

products as (

    select * from {{ ref('dim_products') }}

),

activity as (

    select
        events.user_id,
        products.product_name,
        count(*) as event_count,
        min(events.event_date) as first_event_date,
        max(events.event_date) as last_event_date,
        count(*) > 5 as is_active_user
    from events
    inner join products on events.product_key = products.product_key
    group by events.user_id, products.product_name

)

select * from activity
