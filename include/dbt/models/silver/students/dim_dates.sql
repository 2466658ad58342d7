with

attendance as (

    select
        min(attendance_date) as first_date,
        max(attendance_date) as last_date
    from {{ ref('fact_attendance') }}

),

assessments as (

    select
        min(assessment_date) as first_date,
        max(assessment_date) as last_date
    from {{ ref('fact_assessments') }}

),

events as (

    -- Not the events themselves: those are purged sooner than what is counted of them.
    select
        min(calendar_date) as first_date,
        max(calendar_date) as last_date
    from {{ ref('fact_user_days') }}

),

school_days as (

    select
        min(calendar_date) as first_date,
        max(calendar_date) as last_date
    from {{ listed_school_days() }}

),

spans as (

    select * from attendance
    union all
    select * from assessments
    union all
    select * from events
    union all
    select * from school_days

),

bounds as (

    select
        make_date({{ school_year('min(first_date)') }}, 8, 1) as first_day,
        -- The year that follows is there before its first record: a calendar comes in summer.
        make_date({{ school_year('max(last_date)') }} + 2, 7, 31) as last_day
    from spans

),

days as (

    select first_day + generate_series(0, last_day - first_day) as calendar_date
    from bounds

),

school_years as (

    select
        calendar_date,
        {{ school_year('calendar_date') }} as school_year
    from days

),

dates as (

    select
        calendar_date,
        to_char(calendar_date, 'YYYYMMDD')::int as date_key,

        extract(year from calendar_date)::int as year,
        extract(quarter from calendar_date)::int as quarter,
        extract(month from calendar_date)::int as month,
        to_char(calendar_date, 'FMMonth') as month_name,
        extract(day from calendar_date)::int as day_of_month,

        extract(isodow from calendar_date)::int as iso_day_of_week,
        to_char(calendar_date, 'FMDay') as day_name,
        extract(isodow from calendar_date) >= 6 as is_weekend,

        school_year,
        school_year || '-' || right((school_year + 1)::text, 2) as school_year_label,
        case
            when extract(month from calendar_date) >= 8 then 'Fall'
            when extract(month from calendar_date) <= 5 then 'Spring'
            else 'Summer'
        end as semester,
        {{ week_of_school_year('calendar_date', 'school_year') }} as week_of_school_year

    from school_years

)

select * from dates
