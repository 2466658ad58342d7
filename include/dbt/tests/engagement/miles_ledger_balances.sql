-- Books of the miles that end with another balance than the days of the users, which are counted apart: the running
-- sum of the days at as_of, what was earned less what was redeemed by category, and the balances of all users.
with

of_users as (

    select coalesce(sum(miles_balance), 0) as balance from {{ ref('user_lifecycle') }}

),

books as (

    select
        'miles_analytics' as book,
        coalesce((array_agg(cumulative_net order by calendar_date desc))[1], 0) as balance
    from {{ ref('miles_analytics') }}
    union all
    select
        'miles_by_category' as book,
        coalesce(sum(earned - redeemed), 0) as balance
    from {{ ref('miles_by_category') }}

)

select
    books.book,
    books.balance,
    of_users.balance as balance_of_users
from books
cross join of_users
where books.balance <> of_users.balance
