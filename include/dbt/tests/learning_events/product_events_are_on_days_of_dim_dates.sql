-- Days of product events that dim_dates does not have: the key of a day resolves as the other keys of the star do.
with

days as (

    select distinct date_key from {{ ref('fact_product_events') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

)

select days.date_key
from days
left join dates
    on days.date_key = dates.date_key
where dates.date_key is null
