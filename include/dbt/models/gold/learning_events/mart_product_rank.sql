with

events as (

    select * from {{ ref('fact_product_events') }}
    where event_date between {{ as_of() }} - 29 and {{ as_of() }}

),

products as (

    select * from {{ ref('dim_products') }}

),

verbs as (

    select * from {{ ref('dim_verbs') }}

),

event_types as (

    select * from {{ ref('event_types') }}
    where source = 'product_events'

),

students as (

    select * from {{ ref('dim_student_versions') }}
    where valid_from <= {{ as_of() }} and valid_to > {{ as_of() }}

),

by_user as (

    select
        events.product_key,
        events.user_id,
        count(*) as event_count,
        bool_or(coalesce(event_types.is_active, true)) as is_active
    from events
    inner join verbs on events.verb_key = verbs.verb_key
    left join event_types on verbs.verb_id = event_types.raw_type
    group by events.product_key, events.user_id

),

ranked as (

    select
        products.product_name,
        sum(by_user.event_count)::bigint as event_count,
        rank() over (order by sum(by_user.event_count) desc) as rank,
        count(*) filter (where by_user.is_active) as active_users,
        count(distinct students.school_id) filter (where students.school_id <> 'UNKNOWN') as schools
    from by_user
    inner join products on by_user.product_key = products.product_key
    left join students on by_user.user_id = students.student_id
    group by products.product_name

)

select * from ranked
