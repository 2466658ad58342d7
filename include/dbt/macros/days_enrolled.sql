{#-
    The school days on which each student was enrolled up to as_of, by school year: student_id, school_year, days_enrolled.
    A running count of school days is read at both ends of a membership; no membership is joined with its days.
-#}
{% macro days_enrolled_by_year() -%}
    (
        with

        calendar as (

            select
                school_id,
                calendar_date,
                {{ school_year('calendar_date') }} as school_year,
                count(*) filter (where is_school_day) over (partition by school_id order by calendar_date) as days_so_far
            from {{ ref('dim_school_days') }}
            where calendar_date <= {{ as_of() }}

        ),

        years as (

            select
                school_id,
                school_year,
                min(calendar_date) as first_date,
                max(calendar_date) as last_date
            from calendar
            group by 1, 2

        ),

        spans as (

            select
                memberships.student_id,
                memberships.school_id,
                years.school_year,
                greatest(memberships.member_from, years.first_date) - 1 as day_before,
                least(memberships.member_until - 1, years.last_date) as last_date
            from {{ ref('student_memberships') }} as memberships
            inner join years
                on
                    memberships.school_id = years.school_id
                    and memberships.is_enrolled
                    and memberships.member_from <= years.last_date
                    and memberships.member_until > years.first_date

        )

        select
            spans.student_id,
            spans.school_year,
            sum(through_last.days_so_far - coalesce(before.days_so_far, 0))::bigint as days_enrolled
        from spans
        inner join calendar as through_last
            on spans.school_id = through_last.school_id and spans.last_date = through_last.calendar_date
        left join calendar as before
            on spans.school_id = before.school_id and spans.day_before = before.calendar_date
        group by 1, 2
    )
{%- endmacro %}
