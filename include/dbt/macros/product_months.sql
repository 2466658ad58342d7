{#-
    product_user_months as they stood at the end of as_of: of its month, what has later events is made of the events
    again.
-#}
{% macro product_months_to_as_of() -%}
    (
        with

        kept as (

            select * from {{ ref('product_user_months') }}
            where last_event_at < {{ end_of_as_of() }}

        ),

        cut as (

            select
                months.*,
                products.product_key,
                verbs.verb_key,
                objects.object_key
            from {{ ref('product_user_months') }} as months
            inner join {{ ref('dim_products') }} as products on months.product = products.product
            inner join {{ ref('dim_verbs') }} as verbs on months.verb_id = verbs.verb_id
            inner join {{ ref('dim_objects') }} as objects on months.object_id = objects.object_id
            where months.first_event_at < {{ end_of_as_of() }} and months.last_event_at >= {{ end_of_as_of() }}

        ),

        made_again as (

            select
                cut.user_id,
                cut.product,
                cut.verb_id,
                cut.object_id,
                cut.month_start,
                count(*) as event_count,
                count(distinct events.event_date) as active_days,
                min(events.event_at) as first_event_at,
                max(events.event_at) as last_event_at
            from cut
            inner join {{ ref('fact_product_events') }} as events
                on
                    cut.user_id = events.user_id
                    and cut.product_key = events.product_key
                    and cut.verb_key = events.verb_key
                    and cut.object_key = events.object_key
                    and events.event_date between date_trunc('month', {{ as_of() }}) and {{ as_of() }}
            group by cut.user_id, cut.product, cut.verb_id, cut.object_id, cut.month_start

        )

        select
            user_id,
            product,
            verb_id,
            object_id,
            month_start,
            event_count,
            active_days,
            first_event_at,
            last_event_at
        from kept
        union all
        select * from made_again
    )
{%- endmacro %}
