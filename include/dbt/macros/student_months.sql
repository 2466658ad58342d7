{#-
    What silver.student_months holds, as a query on two CTEs of facts: attendance and assessments.
-#}
{% macro student_months_of_facts() -%}
    with

    school_days as (

        select
            school_id,
            calendar_date
        from {{ ref('dim_school_days') }}
        where is_school_day

    ),

    -- An absence is of the run that follows so many presences.
    placed as (

        select
            attendance.*,
            date_trunc('month', attendance.attendance_date)::date as month_start,
            school_days.calendar_date is not null as is_school_day,
            school_days.calendar_date is not null and not attendance.is_present as is_absence,
            count(*) filter (where school_days.calendar_date is not null and attendance.is_present) over (
                partition by attendance.student_id, date_trunc('month', attendance.attendance_date)
                order by attendance.attendance_date
            ) as presences_so_far
        from attendance
        left join school_days
            on
                coalesce(attendance.school_id, 'UNKNOWN') = school_days.school_id
                and attendance.attendance_date = school_days.calendar_date

    ),

    runs as (

        select
            student_id,
            month_start,
            presences_so_far,
            count(*) filter (where is_absence) as absences,

            count(*) as attendance_days,
            count(*) filter (where is_present) as present_days,
            min(attendance_date) as first_attendance_date,
            max(attendance_date) as last_attendance_date,
            count(*) filter (where is_school_day) as days_recorded,
            coalesce(sum(day_fraction_absent) filter (where is_school_day), 0) as days_absent,
            coalesce(sum(day_fraction_absent) filter (where is_school_day and is_excused), 0) as days_absent_excused
        from placed
        group by student_id, month_start, presences_so_far

    ),

    attendance_months as (

        select
            student_id,
            month_start,

            sum(attendance_days)::bigint as attendance_days,
            sum(present_days)::bigint as present_days,
            sum(attendance_days - present_days)::bigint as absent_days,
            min(first_attendance_date) as first_attendance_date,
            max(last_attendance_date) as last_attendance_date,

            sum(days_recorded)::bigint as days_recorded,
            sum(days_absent) as days_absent,
            sum(days_absent_excused) as days_absent_excused,
            coalesce(max(absences) filter (where presences_so_far = 0), 0) as leading_absences,
            (array_agg(absences order by presences_so_far desc))[1] as trailing_absences,
            max(absences) as longest_absences
        from runs
        group by student_id, month_start

    ),

    assessment_months as (

        select
            student_id,
            date_trunc('month', assessment_date)::date as month_start,
            count(*) as assessment_count,
            sum(score_percentage) as score_percentage_sum,
            min(score_percentage) as min_score_percentage,
            max(score_percentage) as max_score_percentage,
            min(assessment_date) as first_assessment_date,
            max(assessment_date) as last_assessment_date
        from assessments
        group by student_id, date_trunc('month', assessment_date)

    )

    select
        student_id,
        month_start,
        {{ school_year('month_start') }} as school_year,

        coalesce(attendance_days, 0) as attendance_days,
        coalesce(present_days, 0) as present_days,
        coalesce(absent_days, 0) as absent_days,
        first_attendance_date,
        last_attendance_date,

        coalesce(assessment_count, 0) as assessment_count,
        coalesce(score_percentage_sum, 0) as score_percentage_sum,
        min_score_percentage,
        max_score_percentage,
        first_assessment_date,
        last_assessment_date,
        greatest(last_attendance_date, last_assessment_date) as last_record_date,

        coalesce(days_recorded, 0) as days_recorded,
        coalesce(days_absent, 0) as days_absent,
        coalesce(days_absent_excused, 0) as days_absent_excused,
        coalesce(leading_absences, 0) as leading_absences,
        coalesce(trailing_absences, 0) as trailing_absences,
        coalesce(longest_absences, 0) as longest_absences

    from attendance_months
    full outer join assessment_months using (student_id, month_start)
{%- endmacro %}

{#- student_months as they stood at the end of as_of: of its month, what has later records is made of the facts again. -#}
{% macro student_months_to_as_of() -%}
    (
        with

        kept as (

            select * from {{ ref('student_months') }}
            where month_start <= {{ as_of() }} and last_record_date <= {{ as_of() }}

        ),

        cut as (

            select student_id from {{ ref('student_months') }}
            where month_start = date_trunc('month', {{ as_of() }}) and last_record_date > {{ as_of() }}

        ),

        attendance as (

            select * from {{ ref('fact_attendance') }}
            where
                attendance_date between date_trunc('month', {{ as_of() }}) and {{ as_of() }}
                and student_id in (select student_id from cut)

        ),

        assessments as (

            select * from {{ ref('fact_assessments') }}
            where
                assessment_date between date_trunc('month', {{ as_of() }}) and {{ as_of() }}
                and student_id in (select student_id from cut)

        ),

        made_again as ({{ student_months_of_facts() }})

        select * from kept
        union all
        select * from made_again
    )
{%- endmacro %}
