with

memberships as (

    select * from {{ ref('student_memberships') }}
    where is_enrolled

),

calendar as (

    select * from {{ ref('dim_school_days') }}
    where calendar_date <= {{ as_of() }}

),

records as (

    select
        school_id,
        calendar_date,
        sum(present_count)::bigint as present_count,
        sum(absent_count)::bigint as absent_count,
        sum(present_count + absent_count)::bigint as recorded_count,
        sum(present_count + absent_count - days_absent) as days_attended
    from {{ ref('class_days') }}
    group by school_id, calendar_date

),

changes as (

    select
        memberships.school_id,
        event.calendar_date,
        sum(event.change) as change
    from memberships
    cross join
        lateral (
            values (memberships.member_from, 1), (memberships.member_until, -1)
        ) as event (calendar_date, change)
    where event.calendar_date <= {{ as_of() }}
    group by memberships.school_id, event.calendar_date

),

days as (

    select
        coalesce(calendar.school_id, changes.school_id) as school_id,
        coalesce(calendar.calendar_date, changes.calendar_date) as calendar_date,
        calendar.is_school_day,
        sum(changes.change) over by_school as membership,
        -- What happens from one school day up to the next is of the same stretch; what was before the first, of its.
        greatest(count(*) filter (where calendar.is_school_day) over by_school, 1) as stretch
    from calendar
    full outer join changes on calendar.school_id = changes.school_id and calendar.calendar_date = changes.calendar_date
    window by_school as (
        partition by coalesce(calendar.school_id, changes.school_id)
        order by coalesce(calendar.calendar_date, changes.calendar_date)
    )

),

counted as (

    select
        days.*,
        records.present_count,
        records.absent_count,
        records.recorded_count,
        records.days_attended,
        sum(records.recorded_count) filter (where not days.is_school_day)
            over (partition by days.school_id, days.stretch) as records_on_non_school_days
    from days
    left join records
        on days.school_id = records.school_id and days.calendar_date = records.calendar_date

),

school_days as (

    select
        school_id,
        calendar_date,
        coalesce(membership, 0)::bigint as membership,
        coalesce(recorded_count, 0) as recorded_count,
        coalesce(present_count, 0) as present_count,
        coalesce(absent_count, 0) as absent_count,
        coalesce(records_on_non_school_days, 0)::bigint as records_on_non_school_days,
        coalesce(days_attended, 0) as days_attended,
        {{ rate('days_attended', 'recorded_count') }} as attendance_rate,
        {{ rate('coalesce(recorded_count, 0)', 'membership') }} as attendance_coverage
    from counted
    where is_school_day and (membership > 0 or recorded_count > 0 or records_on_non_school_days > 0)

)

select * from school_days
