-- depends_on: {{ ref('miles_analytics') }}
-- (first, so that the tests that compare the two run behind this model)

with

user_months as (

    select
        transaction_category,
        date_trunc('month', calendar_date)::date as month_start,
        user_id,
        sum(points_earned) as earned,
        sum(points_redeemed) as redeemed
    from {{ ref('miles_days') }}
    where calendar_date <= {{ as_of() }}
    group by transaction_category, date_trunc('month', calendar_date), user_id

),

-- Also the months between, and up to as_of, without any transaction.
months as (

    select
        transaction_category,
        generate_series(min(month_start), date_trunc('month', {{ as_of() }})::date, '1 month')::date as month_start
    from user_months
    group by transaction_category

),

categories as (

    select
        months.month_start,
        (months.month_start + interval '1 month - 1 day')::date <= {{ as_of() }} as is_complete,
        months.transaction_category,
        coalesce(sum(user_months.earned), 0) as earned,
        coalesce(sum(user_months.redeemed), 0) as redeemed,
        count(user_months.user_id) as users
    from months
    left join user_months
        on
            months.transaction_category = user_months.transaction_category
            and months.month_start = user_months.month_start
    group by months.transaction_category, months.month_start

)

select * from categories
