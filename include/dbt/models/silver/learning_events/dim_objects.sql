{{ config(pre_hook="{{ touch_of_products('content_id', 'object_id') }}") }}

with

object_ids as (

    select distinct facts.object_id
    from {{ touched_facts('product_user_months', 'facts.object_id = touched.object_id limit 1') }}

),

objects as (

    select
        {{ surrogate_key(['object_id']) }} as object_key,
        object_id
    from object_ids

)

select * from objects
