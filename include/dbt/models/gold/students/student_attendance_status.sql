with

students as (

    select * from {{ ref('dim_students') }}

),

months as (

    select * from {{ student_months_to_as_of() }}
    where attendance_days > 0

),

enrolled_years as (

    select * from {{ days_enrolled_by_year() }}

),

recorded_years as (

    select * from {{ attendance_years('months') }}

),

rules as (

    select
        *,
        lead(school_year_from, 1, 9999) over (order by school_year_from) as school_year_until
    from {{ ref('chronic_absence_rules') }}
    where rule_id = '{{ var("chronic_absence_rule") }}'

),

years as (

    select
        students.student_id,
        coalesce(recorded_years.school_year, enrolled_years.school_year) as school_year,
        coalesce(enrolled_years.days_enrolled, 0) as days_enrolled,
        coalesce(recorded_years.days_recorded, 0) as days_recorded,
        coalesce(recorded_years.days_absent, 0) as days_absent,
        coalesce(recorded_years.days_absent_excused, 0) as days_absent_excused,
        recorded_years.longest_absence_streak
    from recorded_years
    full outer join enrolled_years
        on
            recorded_years.student_id = enrolled_years.student_id
            and recorded_years.school_year = enrolled_years.school_year
    inner join students
        on coalesce(recorded_years.student_id, enrolled_years.student_id) = students.student_id

),

judged as (

    select
        years.*,
        rules.*,
        case
            when years.days_recorded < rules.minimum_days_recorded then null
            when rules.is_inclusive then years.days_absent >= rules.threshold * years.days_recorded
            else years.days_absent > rules.threshold * years.days_recorded
        end as is_chronically_absent
    from years
    left join rules
        on years.school_year >= rules.school_year_from and years.school_year < rules.school_year_until

),

statuses as (

    select
        student_id,
        school_year,
        days_enrolled,
        days_recorded,
        {{ rate('days_recorded', 'days_enrolled') }} as coverage,
        days_absent,
        days_absent_excused,
        {{ rate('days_absent', 'days_recorded') }} as absence_rate,
        rule_id,
        is_chronically_absent,
        case
            when is_chronically_absent is null then 'not_enough_data'
            when days_absent >= severe_from * days_recorded then 'severe'
            when is_chronically_absent then 'chronic'
            when days_absent >= at_risk_from * days_recorded then 'at_risk'
            else 'satisfactory'
        end as band,
        longest_absence_streak
    from judged

)

select * from statuses
