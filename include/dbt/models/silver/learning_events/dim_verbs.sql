with

product_verbs as (

    {{ product_verbs() }}

),

event_types as (

    select * from {{ ref('event_types') }}
    where source = 'product_events'

),

verbs as (

    select distinct
        {{ surrogate_key(['product_verbs.verb_id']) }} as verb_key,
        product_verbs.verb_id,
        coalesce(event_types.event_type, product_verbs.verb_id) as event_type
    from product_verbs
    left join event_types
        on product_verbs.verb_id = event_types.raw_type

)

select * from verbs
