with

months as (

    select * from {{ product_months_to_as_of() }} as months_to_as_of

),

user_months as (

    select
        user_id,
        month_start,
        extract(epoch from max(last_event_at) - min(first_event_at)) as duration_seconds
    from months
    group by user_id, month_start

),

-- Also the months between without any event.
spine as (

    select generate_series(min(month_start), max(month_start), '1 month')::date as month_start
    from user_months

),

durations as (

    select
        spine.month_start,
        round(avg(user_months.duration_seconds), 2) as avg_duration_seconds,
        round(min(user_months.duration_seconds), 2) as min_duration_seconds,
        round(max(user_months.duration_seconds), 2) as max_duration_seconds,
        count(user_months.user_id) as users
    from spine
    left join user_months on spine.month_start = user_months.month_start
    group by spine.month_start

)

select * from durations
