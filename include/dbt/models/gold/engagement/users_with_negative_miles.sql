-- depends_on: {{ ref('user_lifecycle') }}
-- (first, so that the tests that compare the two run behind this model)

with

balances as (

    select
        user_id,
        sum(points_earned) as earned,
        sum(points_redeemed) as redeemed,
        sum(points_earned - points_redeemed) as balance
    from {{ ref('miles_days') }}
    where calendar_date <= {{ as_of() }}
    group by user_id
    having sum(points_earned) < sum(points_redeemed)

),

-- Of those users alone: they are few.
days as (

    select
        miles.user_id,
        miles.calendar_date,
        sum(miles.points_earned - miles.points_redeemed) as net_points
    from {{ ref('miles_days') }} as miles
    inner join balances on miles.user_id = balances.user_id
    where miles.calendar_date <= {{ as_of() }}
    group by miles.user_id, miles.calendar_date

),

evenings as (

    select
        *,
        sum(net_points) over (partition by user_id order by calendar_date) as balance
    from days

),

falls as (

    select
        user_id,
        max(calendar_date) as negative_since
    from evenings
    where balance < 0 and balance - net_points >= 0
    group by user_id

),

negative as (

    select
        balances.user_id,
        balances.earned,
        balances.redeemed,
        balances.balance,
        -balances.balance as negative_amount,
        falls.negative_since
    from balances
    inner join falls on balances.user_id = falls.user_id

)

select * from negative
