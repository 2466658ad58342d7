with

days as (

    select
        *,
        date_trunc('month', calendar_date)::date as month_start
    from {{ ref('school_daily_attendance') }}

),

-- Also the months between without any school day.
months as (

    select
        school_id,
        generate_series(min(month_start), max(month_start), '1 month')::date as month_start
    from days
    group by school_id

),

summed as (

    select
        months.school_id,
        months.month_start,
        count(*) filter (where days.recorded_count > 0) as school_days,
        sum(days.days_attended) as days_attended,
        sum(days.membership) filter (where days.recorded_count > 0) as membership_of_recorded_days,
        sum(days.recorded_count) as recorded_count,
        sum(days.membership) as membership
    from months
    left join days
        on months.school_id = days.school_id and months.month_start = days.month_start
    group by months.school_id, months.month_start

),

school_months as (

    select
        school_id,
        month_start,
        school_days,
        round(days_attended / nullif(school_days, 0), 4) as average_daily_attendance,
        round(membership_of_recorded_days / nullif(school_days, 0), 4) as average_daily_membership,
        {{ rate('days_attended', 'membership_of_recorded_days') }} as ada_rate,
        {{ rate('days_attended', 'recorded_count') }} as attendance_rate,
        {{ rate('recorded_count', 'membership') }} as attendance_coverage,
        (month_start + interval '1 month - 1 day')::date <= {{ as_of() }} as is_complete
    from summed

)

select * from school_months
