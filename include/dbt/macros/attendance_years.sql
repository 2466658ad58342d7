{#-
    Months in the shape of student_months added up by school year: student_id, school_year, days_recorded, days_absent,
    days_absent_excused, longest_absence_streak.
    Over the ends of months a streak is what trails one month with presences, the months of absence alone that follow,
    and what leads the next month with presences.
-#}
{% macro attendance_years(months) -%}
    (
        with

        totals as (

            select
                student_id,
                school_year,
                sum(days_recorded)::bigint as days_recorded,
                sum(days_absent) as days_absent,
                sum(days_absent_excused) as days_absent_excused,
                max(longest_absences) as longest_within_a_month
            from {{ months }}
            group by student_id, school_year

        ),

        numbered as (

            select
                *,
                leading_absences < days_recorded as has_presences,
                count(*) filter (where leading_absences < days_recorded)
                    over (partition by student_id, school_year order by month_start) as streak
            from {{ months }}

        ),

        streaks as (

            select
                numbered.student_id,
                numbered.school_year,
                sum(part.absences) as absences
            from numbered
            cross join lateral (
                values
                (numbered.streak - numbered.has_presences::int, numbered.leading_absences),
                (numbered.streak, case when numbered.has_presences then numbered.trailing_absences end)
            ) as part (streak, absences)
            where part.absences > 0
            group by numbered.student_id, numbered.school_year, part.streak

        ),

        longest as (

            select
                student_id,
                school_year,
                max(absences) as longest_over_months
            from streaks
            group by student_id, school_year

        )

        select
            totals.student_id,
            totals.school_year,
            totals.days_recorded,
            totals.days_absent,
            totals.days_absent_excused,
            case
                when totals.days_recorded > 0
                    then greatest(totals.longest_within_a_month, longest.longest_over_months)::bigint
            end as longest_absence_streak
        from totals
        left join longest
            on totals.student_id = longest.student_id and totals.school_year = longest.school_year
    )
{%- endmacro %}
