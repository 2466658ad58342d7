{{ config(pre_hook="{{ touch_of_products('student_id', 'user_id') }}") }}

with

user_ids as (

    select distinct facts.user_id
    from {{ touched_facts('product_user_months', 'facts.user_id = touched.user_id limit 1') }}

),

users as (

    select
        {{ surrogate_key(['user_id']) }} as user_key,
        user_id
    from user_ids

)

select * from users
