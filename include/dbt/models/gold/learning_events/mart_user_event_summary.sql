{{ config(materialized='view') }}

with

activity as (

    select * from {{ ref('mart_user_product_activity_weekly') }}

),

summary as (

    select
        user_id,
        product_name,
        event_count
    from activity

)

select * from summary
