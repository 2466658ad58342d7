with

schools as (

    select * from {{ ref('dim_schools') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

school_days as (

    select * from {{ listed_school_days() }}

),

listed_years as (

    select distinct
        school_id,
        school_year
    from school_days

),

days_of_schools as (

    select
        schools.school_id,
        dates.calendar_date,

        case
            when listed_years.school_id is not null then coalesce(school_days.is_school_day, false)
            else not dates.is_weekend and holidays.holiday_date is null
        end as is_school_day,

        case
            when school_days.school_id is not null then school_days.day_type
            when listed_years.school_id is not null then 'unlisted'
            when holidays.holiday_date is not null then 'holiday'
            when dates.is_weekend then 'weekend'
            else 'weekday'
        end as day_type

    from schools
    cross join dates
    left join listed_years
        on
            schools.school_id = listed_years.school_id
            and dates.school_year = listed_years.school_year
    left join school_days
        on
            schools.school_id = school_days.school_id
            and dates.calendar_date = school_days.calendar_date
    left join holidays
        on dates.calendar_date = holidays.holiday_date

)

select * from days_of_schools
