with

months as (

    select * from {{ product_months_to_as_of() }} as months_to_as_of

),

products as (

    select * from {{ ref('dim_products') }}

),

details as (

    select
        months.user_id,
        products.product_name,
        months.verb_id,
        months.object_id,
        extract(year from months.month_start)::int as year,
        extract(month from months.month_start)::int as month,
        months.event_count,
        months.active_days
    from months
    inner join products on months.product = products.product

)

select * from details
