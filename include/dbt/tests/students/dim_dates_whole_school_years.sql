-- Days that are not there between the first and the last, and a first or last day that does not bound a school year.
with

bounds as (

    select
        min(calendar_date) as first_day,
        max(calendar_date) as last_day,
        count(*) as day_count
    from {{ ref('dim_dates') }}

)

select 1
from bounds
where
    last_day - first_day + 1 <> day_count
    or to_char(first_day, 'MM-DD') <> '08-01'
    or to_char(last_day, 'MM-DD') <> '07-31'
