-- Users of whom one table says that they owe miles, or how many, and the other one does not: made of other tables.
with

lifecycle as (

    select * from {{ ref('user_lifecycle') }}
    where has_negative_balance

),

negative as (

    select * from {{ ref('users_with_negative_miles') }}

)

select
    coalesce(lifecycle.user_id, negative.user_id) as user_id,
    lifecycle.miles_balance as balance_of_lifecycle,
    negative.balance as balance_of_ledger
from lifecycle
full outer join negative on lifecycle.user_id = negative.user_id
where lifecycle.miles_balance is distinct from negative.balance
