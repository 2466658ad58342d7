with

product_verbs as (

    {{ product_verbs() }}

),

named as (

    select * from {{ ref('products') }}

),

all_products as (

    select product from named
    union
    select product from product_verbs

),

products as (

    select
        {{ surrogate_key(['all_products.product']) }} as product_key,
        all_products.product,
        coalesce(named.product_name, all_products.product) as product_name
    from all_products
    left join named
        on all_products.product = named.product

)

select * from products
